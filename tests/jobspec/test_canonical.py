"""Defaults by type of job, as far as the answers of a Nomad do not show them."""

import pytest

from tests.jobspec.answers import job_of, load_text

SECOND = 1_000_000_000


def group_of(**parts):
    return load_text(job_of(**parts), checked=False).job.canonical["TaskGroups"][0]


RESTARTS = {"service": (2, 1800), "system": (2, 1800), "batch": (3, 86400), "sysbatch": (3, 86400)}


@pytest.mark.parametrize(("kind", "wanted"), RESTARTS.items())
def test_restarts_by_type(kind, wanted):
    policy = group_of(job=f'type = "{kind}"')["RestartPolicy"]
    assert (policy["Attempts"], policy["Interval"] // SECOND) == wanted
    assert (policy["Delay"], policy["Mode"], policy["RenderTemplates"]) == (15 * SECOND, "fail", False)


@pytest.mark.parametrize(
    ("kind", "has"),
    [
        ("service", {"ReschedulePolicy", "Update", "Migrate"}),
        ("system", {"Update"}),
        ("batch", {"ReschedulePolicy"}),
        ("sysbatch", set()),
    ],
)
def test_policies_by_type(kind, has):
    group = group_of(job=f'type = "{kind}"')
    assert {name for name in ("ReschedulePolicy", "Update", "Migrate") if group[name] is not None} == has


def test_a_tasks_restart_policy_is_merged_over_its_groups():
    group = group_of(group='restart {\n attempts = 7\n mode = "delay"\n}', task="restart {\n attempts = 1\n}")
    policy = group["Tasks"][0]["RestartPolicy"]
    assert (policy["Attempts"], policy["Mode"], policy["Delay"]) == (1, "delay", 15 * SECOND)


def test_a_groups_update_is_merged_over_the_jobs():
    group = group_of(
        job="update {\n max_parallel = 3\n canary = 1\n}", group="update {\n max_parallel = 2\n}"
    )
    assert (group["Update"]["MaxParallel"], group["Update"]["Canary"]) == (2, 1)


def test_the_count_is_the_least_of_its_scaling():
    group = group_of(group="scaling {\n min = 3\n max = 9\n}")
    assert (group["Count"], group["Scaling"]["Enabled"], group["Scaling"]["Type"]) == (3, True, "horizontal")


DESTINATIONS = {
    'source = "https://h/a/disk.img"': "local/",
    'source = "https://h/a/disk.img"\n mode = "file"': "local/disk.img",
    'source = "https://h/a/"\n mode = "file"': "local/a",
    'source = "https://h/x"\n destination = ""': "",
}


@pytest.mark.parametrize(("text", "destination"), DESTINATIONS.items())
def test_where_artifacts_go(text, destination):
    artifact = group_of(task=f"artifact {{\n {text}\n}}")["Tasks"][0]["Artifacts"][0]
    assert artifact["RelativeDest"] == destination


def test_reserved_cores_need_no_megahertz():
    assert group_of(task="resources {\n cores = 2\n}")["Tasks"][0]["Resources"]["CPU"] == 0


def test_checks_take_what_their_service_says():
    text = """
    service {
      on_update = "ignore"
      check_restart {
        limit = 3
        grace = "9s"
      }
      check {}
      check {
        on_update = "require_healthy"
        check_restart { limit = 1 }
        success_before_passing = -1
      }
    }
"""
    first, second = group_of(group=text)["Services"][0]["Checks"]
    assert (first["OnUpdate"], first["CheckRestart"]["Limit"]) == ("ignore", 3)
    assert (second["OnUpdate"], second["CheckRestart"]) == (
        "require_healthy",
        {"Limit": 1, "Grace": 9 * SECOND, "IgnoreWarnings": False},
    )
    assert second["SuccessBeforePassing"] == 0


def test_a_gateway_gets_consuls_defaults():
    text = """
    service {
      connect {
        gateway {
          proxy {}
          ingress {
            listener { port = 80 }
          }
        }
        sidecar_task {}
        sidecar_service { tags = [] }
      }
      weights {}
    }
"""
    service = group_of(group=text)["Services"][0]
    connect = service["Connect"]
    assert connect["Gateway"]["Proxy"]["ConnectTimeout"] == 5 * SECOND
    assert connect["Gateway"]["Ingress"]["Listeners"][0]["Protocol"] == "tcp"
    assert connect["SidecarTask"]["Resources"]["MemoryMB"] == 300
    assert connect["SidecarService"]["Tags"] is None
    assert service["Weights"] == {"Passing": 1, "Warning": 1}


def test_csi_plugins_and_regions_have_defaults():
    task = group_of(task='csi_plugin {\n id = "x"\n}')["Tasks"][0]
    assert task["CSIPluginConfig"]["MountDir"] == "/csi"
    job = load_text(job_of(job='multiregion {\n region "a" {}\n}'), checked=False).job
    assert job.canonical["Multiregion"]["Strategy"] == {"MaxParallel": 0, "OnFailure": ""}
    assert job.canonical["Multiregion"]["Regions"][0]["Count"] == 1
