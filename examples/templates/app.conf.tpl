listen = {{ env "NOMAD_ADDR_http" }}
memory = {{ env "NOMAD_MEMORY_LIMIT" }} MB
{{- range $name, $size := parseJSON (env "DISKS") }}
disk.{{ $name }} = {{ $size | printf "%.0fG" }}
{{- end }}
