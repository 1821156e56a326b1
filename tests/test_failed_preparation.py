"""A first preparation that fails leaves nothing, of each corpus, and the next one makes all."""

import pytest
import test_avec2012
import test_folder
import test_forrest
import test_msp_conversation
import test_muse
import test_recola
import test_semaine
import test_sewa
from corpus_programs import shell

from cer.corpora import finding, pairs

CORPORA = {
    "recola": test_recola.make,
    "sewa": test_sewa.make,
    "muse": test_muse.make,
    "avec2012": test_avec2012.make,
    "semaine": test_semaine.make,
    "msp_conversation": test_msp_conversation.make,
    "folder": test_folder.make,
    "forrest_loudness": test_forrest.make,
}


@pytest.mark.parametrize("name", CORPORA)
def test_a_first_preparation_that_fails_leaves_nothing_and_the_next_one_works(tmp_path, name):
    corpus, data = CORPORA[name](tmp_path / "corpus"), tmp_path / name
    if name == "recola":
        (corpus / "partition.txt").write_text("train P1\ndev P2\ntest P3\n")
    last = max([*corpus.rglob("*.wav"), *corpus.rglob("fg_ad*.tsv")])
    if name == "semaine":  # its other microphones are not read
        last = max(corpus.rglob("*User HeadMounted*.wav"))
    whole = last.read_bytes()
    last.write_bytes(b"broken\n")
    status, printed = shell(name.split("_loud")[0], corpus, data)
    assert (status, data.exists()) == (1, False) and f" {last}:" in printed
    last.write_bytes(whole)
    status, printed = shell(name.split("_loud")[0], corpus, data)
    assert status == 0 and (data / "train/utt2spk").exists(), printed


def test_of_a_folder_that_is_wrong_the_table_stays_which_can_be_edited(tmp_path):
    mine, data = test_folder.make(tmp_path / "mine"), tmp_path / "data"
    pairs.write(data / "pairs.csv", finding.find(mine)[0])
    trace = mine / "arousal/R1/cleo_2.txt"
    trace.write_text(trace.read_text() + "word\n")
    status, printed = shell("folder", mine, data)
    assert status == 1 and f"{trace}:201: found" in printed and f"in {data}/pairs.csv: edit it" in printed
    assert [path.name for path in data.iterdir()] == ["pairs.csv"]
