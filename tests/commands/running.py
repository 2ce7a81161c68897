"""Running the command in this process, as a person would."""

from click.testing import CliRunner, Result

from pipelines import cli


def run(*arguments: object, stdin: str = "") -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False)


def refused(*arguments: object) -> str:
    """The one line with which the command leaves that could not begin."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr
