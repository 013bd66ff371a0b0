"""Templates that people write: text with values in it, which can compute nothing dangerous.

In: a template and the names that it may use. Out: a function from values to text. Jinja's immutable sandbox
keeps from attributes and changes; a limit on the output keeps from loops that multiply. What is not there is
an empty text, as in Braze's Liquid, but a name that cannot be there is an error when the template is saved.
"""

from collections.abc import Callable, Collection, Mapping

from jinja2 import TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from onefold.errors import RequestError
from onefold.model.json import JsonValue

TEMPLATE_CHARS_MAX = 20_000
OUTPUT_CHARS_MAX = 200_000
"""More than any field or request of a destination takes."""
RANGE_MAX = 1000


class TemplateFaultError(Exception):
    """A template cannot be rendered with these values; the text says why, without the values."""


Render = Callable[[Mapping[str, JsonValue]], str]


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=False, keep_trailing_newline=True)
    environment.globals.clear()
    return environment


_ENVIRONMENT = _environment()


def compile_template(text: str, names: Collection[str] | None = None) -> Render:
    """A function that renders the template.

    Args:
        names: what it may use (None: anything).

    Raises:
        RequestError: `template.invalid`: too long, a syntax error, an unknown name.
    """
    if len(text) > TEMPLATE_CHARS_MAX:
        raise _invalid(f"A template has at most {TEMPLATE_CHARS_MAX:,} characters.")
    try:
        tree = _ENVIRONMENT.parse(text)
        template = _ENVIRONMENT.from_string(text)
    except (TemplateError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        raise _invalid(
            f"The template cannot be read{where}: {getattr(error, 'message', '') or error}."
        ) from error
    unknown = [] if names is None else sorted(meta.find_undeclared_variables(tree) - set(names))
    if unknown:
        raise _invalid(f"There is no {unknown[0]!r} to use in the template.")

    def render(values: Mapping[str, JsonValue]) -> str:
        pieces: list[str] = []
        size = 0
        try:
            for piece in template.generate(dict(values)):
                size += len(piece)
                if size > OUTPUT_CHARS_MAX:
                    raise TemplateFaultError(f"The text becomes longer than {OUTPUT_CHARS_MAX:,} characters.")
                pieces.append(piece)
        except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Their own words may quote a value.
            raise TemplateFaultError(
                f"The template fails on these values ({type(error).__name__})."
            ) from error
        except (MemoryError, OverflowError, RecursionError) as error:
            raise TemplateFaultError("The template asks for too much.") from error
        return "".join(pieces)

    return render


def _invalid(message: str) -> RequestError:
    return RequestError(
        "template.invalid",
        message,
        status=422,
        hint="Placeholders look like {{ name }} or {{ name | lower }}.",
    )
