"""Render a frame: choices, slots, agreement, then surface grammar.

Frame language
    [a|b|c]            one of the options (an option may be empty)
    {v}  {v.un}        a variable, bare or with a determiner form
    {v+.un}            with a random qualifier of the entry inserted
    {v*3.le}           a coordination of three entries of the same kind
    {v~adj}            an adjective agreed with v; @q is a qualifier of v,
                       @o the adjective of the bound organ
    {v^est|sont}       singular or plural form, by the number of v
    {v?un|une}         masculine or feminine form, by the gender of v
    {#5-40}            a random integer
"""

import re

from .context import CannotBind, Context
from .grammar import Phrase, finish, inflect, join_list

CHOICE = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{([^{}]+)\}")
PLAIN = re.compile(r"^([a-z]+\d?)(?:\*(\d))?(\+)?(?:\.(\w+))?$", re.UNICODE)


def expand_choices(frame: str, rng) -> str:
    """Resolve every bracket, innermost first."""
    while CHOICE.search(frame):
        frame = CHOICE.sub(lambda m: rng.choice(split_options(m[1])), frame)
    return frame


def split_options(text: str) -> list[str]:
    """Split on bars that are not inside braces."""
    return re.split(r"\|(?![^{]*\})", text)


def phrase_for(ctx: Context, var: str) -> Phrase:
    """The phrase of a variable, whether an entry or a special value."""
    if var == "p":
        return Phrase(ctx.patient.noun, ctx.patient.sex)
    special = ctx.special(var)
    if isinstance(special, Phrase):
        return special
    if isinstance(special, str):
        return Phrase(special)
    return ctx.get(var).phrase


def qualifier(ctx: Context, var: str) -> str:
    """A random qualifying adjective that fits the entry."""
    lists = ctx.lex.lists
    if var[0] == "t":
        return ctx.rng.choice(ctx.get(var).get("qual"))
    if var[0] == "d":
        flags = ctx.get(var).get("flags")
        pool = (lists["acute"] if "a" in flags else []) + (lists["chronic"] if "c" in flags else [])
        name = ctx.get(var).name
        pool = [q for q in pool if q not in name and inflect(q, "f", False) not in name]
        if re.search(r"aigu|chroni|bénig", name):
            pool = ["sévère", "compliqué", "débutant"]
        return ctx.rng.choice(pool or ["sévère"])
    return ctx.rng.choice(lists["signqual"])


def slot(ctx: Context, body: str, at_start: bool) -> str:
    """Render one slot."""
    rng = ctx.rng
    if body[0] == "#":
        low, high = body[1:].split("-")
        return str(rng.randint(int(low), int(high)))
    if "~" in body:
        var, adj = body.split("~", 1)
        target = phrase_for(ctx, var)
        if adj == "@q":
            adj = qualifier(ctx, var)
        elif adj == "@o":
            adj = ctx.get("o").get("adj")[0]
        return inflect(adj, target.gender, target.plural)
    if "^" in body:
        var, forms = body.split("^", 1)
        singular, plural = forms.split("|")
        return plural if phrase_for(ctx, var).plural else singular
    if "?" in body:
        var, forms = body.split("?", 1)
        masculine, feminine = forms.split("|")
        return feminine if phrase_for(ctx, var).gender == "f" else masculine
    hit = PLAIN.match(body)
    if not hit:
        raise ValueError(f"bad slot {body}")
    var, count, qual, form = hit.groups()
    if var == "p":
        if form == "le" and not at_start:
            return ctx.patient.object_name(rng)
        return ctx.patient.form(rng, form or "le")
    if count:
        names = [var] + [f"{var}{i}" for i in range(2, int(count) + 1)]
        return join_list([phrase_for(ctx, n).form(form or "") for n in names])
    phrase = phrase_for(ctx, var)
    if qual:
        phrase = phrase.with_adj(qualifier(ctx, var))
    if form == "aucun" and phrase.plural:
        raise CannotBind("aucun with a plural")
    return phrase.form(form or "")


def render(frame: str, ctx: Context) -> str:
    """Render a frame in a context; raises CannotBind when it does not fit."""
    text = expand_choices(frame, ctx.rng)
    text = SLOT.sub(lambda m: slot(ctx, m[1], m.start() == 0 and text[m.end():m.end() + 1] == " "), text)
    return finish(text)
