"""The networks' files."""

import pytest
from lotse_local import network
from lotse_local.errors import CannotRun
from lotse_shared import programme as programmes
from lotse_shared.contracts.codes import PartnerRole

FILES = sorted((network.DEPLOY / "networks").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_network_fits_its_programme(file):
    """Operation, programme and partners are called the same in the network's file and in the programme's."""
    found = network.read(file)
    content = (network.DEPLOY / "programmes" / file.name).read_text()
    programme = programmes.read(file.name, content).programme
    assert (found.operation.id, found.operation.programme) == (programme.operation, programme.programme)
    assert found.operation.first_day == programme.period.first
    assert found.operation.last_day == programme.period.last
    assert {one.id: one.name for one in (*found.partners, *found.cooperating)} == programme.partners


def test_mehrlin_has_six_partners_with_their_subprojects():
    """Six network partners, each with the subproject that the source prints; one of them coordinates."""
    found = network.read(network.DEPLOY / "networks" / "mehrlin.yaml")
    assert len(found.partners) == 6
    assert all(one.subproject for one in found.partners)
    assert [one.id for one in found.partners if one.role == PartnerRole.LEAD] == ["spi"]


def test_mehrlin_works_with_more_than_fifty_organisations():
    """The source says more than 50 and names kinds and a few of them; the others are marked as invented."""
    found = network.read(network.DEPLOY / "networks" / "mehrlin.yaml")
    assert len(found.cooperating) > 50
    assert len([one for one in found.cooperating if not one.invented]) < 6


def test_a_wrong_network_names_the_field(tmp_path):
    """Whoever misspells a key reads which one, in which file."""
    file = tmp_path / "one.yaml"
    text = (network.DEPLOY / "networks" / "mila.yaml").read_text()
    file.write_text(text.replace("first_day:", "frist_day:"))
    with pytest.raises(CannotRun, match=r"one\.yaml: operation\."):
        network.read(file)


def test_an_account_belongs_to_a_partner_of_the_network(tmp_path):
    """Nobody signs in for an organisation that is not part of the network."""
    file = tmp_path / "one.yaml"
    text = (network.DEPLOY / "networks" / "mila.yaml").read_text()
    file.write_text(text.replace("role: coach, partner: koba", "role: coach, partner: elsewhere"))
    with pytest.raises(CannotRun, match="elsewhere"):
        network.read(file)
