"""What goes wrong on a cluster, for each engine alike: the launcher says it within seconds, and its status is right.

Imported by the files that start an engine. Tests that kill daemons stand last: the others need none of them back.
"""

import os
import re
import signal
import time

import pytest
from engines import Array, until


@pytest.fixture
def array(engine, record_property, tmp_path):
    """An array to be launched; afterwards nothing of it is in the queue."""
    array = Array(engine, record_property, tmp_path)
    yield array
    for launched in array.launched:
        if launched.process.poll() is None:
            launched.kill()
    until(lambda: not engine.queue(), engine.reconnect, "empty queue")


@pytest.fixture(scope="module", autouse=True)
def out_of_time(engine, tmp_path_factory):
    """An array that will run out of time while the other tests run: Slurm counts in minutes."""
    array = Array(engine, None, tmp_path_factory.mktemp("out_of_time"))
    launched = array.launch("while :; do touch alive; sleep 0.2; done", "--time", "0:0:20")
    engine.aside = {engine.wait_for_job()}
    yield launched
    if launched.process.poll() is None:
        launched.kill()


# What the payload does


def test_all_tasks_run_in_the_folder_of_the_call_and_leave_their_logs(array):
    text = array.launch("echo task $1 in $PWD", tasks=4).end("none", 0)
    for task in range(1, 5):
        log = (array.folder / "log" / f"x.{task}.log").read_text()
        assert f"\ntask {task} in {array.folder}\n" in log and "status 0" in log.splitlines()[-1]
    assert "fail" not in text.replace("0 failed", "")


def test_a_failing_task(array):
    launched = array.launch("echo some trouble; [ $1 != 2 ] || exit 3", tasks=4)
    text = launched.end("a task of four fails", 1, r"\b2\b.*(code|status) 3|x\.2\.log.*3", within=20)
    assert "some trouble" in text and "log/x." in text


def test_success_is_not_read_from_the_log(array):
    payload = 'echo "# Accounting: time=0 threads=1"; echo "# Finished at $(date) with status 0"; exit 1'
    array.launch(payload).end("payload prints 'with status 0' and fails", 1, r"log/x\.1\.log", within=20)


def test_a_killed_task(array):
    launched = array.launch("[ $1 = 2 ] || exit 0; exec sleep 300", tasks=4)
    os.kill(array.wait_for_payload(2), signal.SIGKILL)
    launched.now()
    launched.end("payload of one of four killed", 1, r"x\.2\.log.*(137|signal 9|KILL)")


def test_a_task_that_an_operator_cancels(array):
    launched = array.launch("[ $1 = 2 ] || exit 0; exec sleep 300", tasks=4)
    array.wait_for_payload(2)
    array.engine.cancel(array.engine.wait_for_job(), "2")
    launched.now()
    launched.end("one of four cancelled by an operator", 1, r"x\.2\.log.*(cancel|delet|143|137)")
    assert not array.runs(2)


def test_a_task_that_an_operator_cancels_while_it_waits(array):
    launched = array.launch("sleep 4", "--max-jobs-run", "1", tasks=2)
    array.wait_for_payload(1)
    array.engine.cancel(array.engine.wait_for_job(), "2")
    launched.now()
    launched.end("a waiting task cancelled by an operator", 1, r"x\.2\.log|JOB = 2|task 2")
    assert not array.pids(2)


MEMORY = "b = bytearray(400 << 20); import time; time.sleep(60)"


def test_a_task_over_its_memory_limit(array):
    launched = array.launch(f"exec python3 -c '{MEMORY}'", "--mem", "100M")
    array.wait_for_payload()
    launched.now()
    launched.end("task over its memory limit", 1, array.engine.over_memory, within=20)


# What the caller does


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_cancels_the_array(array, name):
    launched = array.launch("exec sleep 300", tasks=2)
    array.wait_for_payload(2)
    launched.now()
    os.kill(launched.process.pid, getattr(signal, name))
    launched.end(f"launcher gets {name}", 2, f"signal {getattr(signal, name).value}|{name}")
    until(lambda: not array.engine.queue() and not array.runs(1) and not array.runs(2), 10, "end of the jobs")


def test_a_signal_right_after_the_start_leaves_nothing_in_the_queue(array):
    for delay in (0.1, 0.3):
        launched = array.launch("exec sleep 300", tasks=2)
        time.sleep(delay)
        os.kill(launched.process.pid, signal.SIGTERM)
        launched.now()
        launched.process.wait(15)
        assert launched.process.returncode in (2, -signal.SIGTERM), launched.text()
        until(lambda: not array.engine.queue(), 10, "empty queue")


def test_the_array_of_a_killed_launcher_is_taken_over(array):
    first = array.launch("exec sleep 8", tasks=2)
    array.wait_for_payload(2)
    first.kill()
    second = array.launch("exec sleep 8", tasks=2)
    second.end("launcher killed, called again", 0, "earlier", within=20)
    assert len(array.pids(1)) == len(array.pids(2)) == 1


def test_logs_that_are_away_for_a_moment(array):
    launched = array.launch("sleep 5", tasks=2)
    array.wait_for_payload(2)
    (array.folder / "log").rename(array.folder / "away")
    time.sleep(3)
    (array.folder / "away").rename(array.folder / "log")
    launched.now()
    launched.end("folder of the logs away for 3 s", 0, "is back after", within=20)


def test_a_folder_whose_name_means_something_to_shells_and_engines(array):
    array.folder /= "a&b p(1) it's x;y $(touch z) $USER 50%j a,b:c\\d"
    array.folder.mkdir()
    array.launch("pwd", tasks=2).end("none, a folder with an odd name", 0, within=20)
    assert f"\n{array.folder}\n" in (array.folder / "log" / "x.2.log").read_text()


# What the engine refuses or never gives


def test_resources_that_cannot_be_had(array):
    array.launch("true", "--mem", "900G").end("900 GB of memory asked for", 1, "says", within=20)
    array.launch("true", "--num-threads", "64").end("64 threads asked for", 1, "says", within=20)
    assert not array.pids(1)


def test_each_task_gets_a_card_of_its_own(array):
    launched = array.launch("echo card=$SLURMD_NODENAME:$CUDA_VISIBLE_DEVICES; sleep 3", "--gpu", "1", tasks=2)
    launched.end("none, with --gpu 1", 0, within=30)
    logs = [(array.folder / "log" / f"x.{n}.log").read_text() for n in (1, 2)]
    cards = {re.search("^card=(.*)", log, re.M)[1] for log in logs}
    assert len(cards) == array.engine.cards and all(re.fullmatch(array.engine.card, card) for card in cards), cards


def test_more_cards_than_any_node_has(array):
    array.launch("true", "--gpu", "3").end("3 GPUs of one node asked for, there are 2", 1, "says", within=20)
    assert not array.pids(1)


def test_a_path_sh_that_exits(array):
    (array.folder / "path.sh").write_text("exit 1\n")
    array.launch("true").end("path.sh exits", 1, r"path\.sh", within=20)


def test_a_task_over_its_time_limit(array, out_of_time):
    assert out_of_time.process.wait(120) == 1, out_of_time.text()
    out_of_time.record, out_of_time.at = array.record, (out_of_time.log.parent / "alive").stat().st_mtime
    out_of_time.end("task over its time limit", 1, r"x\.1\.log.*time limit", ended=out_of_time.log.stat().st_mtime)


# What happens to daemons


def test_a_controller_that_is_down_at_submission(array):
    engine = array.engine
    engine.crash("controller")
    interrupted = array.launch("true")
    until(interrupted.text, 30, "word about the controller")
    os.kill(interrupted.process.pid, signal.SIGINT)
    interrupted.now()
    interrupted.end("controller down at submission, then SIGINT", 2, "try|contact|commlib|reach")
    launched = array.launch("true")
    until(launched.text, 30, "word about the controller")
    starting = engine.start(wait=False)
    launched.now()
    launched.end("controller down at submission, then started", 0, "try|waiting", within=engine.reconnect)
    starting.communicate()
    assert len(array.pids(1)) == 1


def test_a_controller_that_is_killed_and_restarted(array):
    launched = array.launch("sleep 20")
    array.wait_for_payload()
    array.engine.save()
    array.engine.crash("controller")
    until(launched.text, 20, "word about the controller")
    time.sleep(2)
    starting = array.engine.start(wait=False)
    until(lambda: not array.runs(), 30, "end of the payload")
    launched.now()
    launched.end("controller killed and restarted", 0, "contact|commlib|answer|reach", within=array.engine.reconnect)
    starting.communicate()
    assert len(array.pids(1)) == 1


def test_node_daemons_that_are_killed_and_restarted(array):
    launched = array.launch("sleep 6")
    array.wait_for_payload()
    array.engine.crash("nodes")
    time.sleep(1)
    array.engine.start()
    until(lambda: not array.runs(), 30, "end of the payload")
    launched.now()
    launched.end("daemons of the nodes killed and restarted", 0, within=array.engine.reconnect)
    array.engine.forget()
    assert len(array.pids(1)) == 1


def test_a_lost_node(array):
    launched = array.launch("[ $(wc -l < pid.1) -gt 1 ] || exec sleep 300")
    array.wait_for_payload()
    job = array.engine.wait_for_job()
    array.engine.lose_node(job)
    launched.now()
    try:
        found = until(lambda: re.search(array.engine.lost, launched.text()), 40, "word about the lost node")
        launched.row("node lost", found[0], time.time() - launched.at)
    finally:
        array.engine.start()
    launched.now()
    array.engine.run_again(job)
    launched.end("node lost, job begun again", 0, within=60)
