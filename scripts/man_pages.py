#!/usr/bin/env python3
"""Writes man pages of a program and its commands from what swift-argument-parser tells of them.

Usage: vnet --experimental-dump-help | man_pages.py FOLDER
Environment: VNET_VERSION  the version in the footers

Source: man(7); swift-argument-parser's ToolInfo, serialisation version 0.
"""

import json
import os
import sys


def roff(text):
    """A text of which troff takes nothing for a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def spelling(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def usage(argument):
    """How an argument is typed: "--epochs <epochs>"."""
    value = f"<{argument['valueName']}>"
    if argument["kind"] == "positional":
        return value
    names = ", ".join(spelling(name) for name in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def synopsis(command, name):
    parts = [f".B {name.replace('-', ' ')}"] + (["<command>"] if command.get("subcommands") else [])
    shown = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    needed = [argument for argument in shown if not argument["isOptional"]]
    parts += [roff(usage(argument)) for argument in needed]
    parts += [f"[{roff(usage(a))}]" for a in shown if a["isOptional"] and a["kind"] == "positional"]
    if len(shown) > len(needed):
        parts.append("[options]")
    return "\n".join(parts)


def described(argument):
    text = argument.get("abstract", "")
    if argument.get("defaultValue"):
        text += f" (default: {argument['defaultValue']})"
    return f".TP\n.B {roff(usage(argument))}\n{roff(text)}\n"


def options(command):
    """The options, in the sections that help shows, those that are needed less often at the end of each."""
    sections = {}
    for argument in command.get("arguments", []):
        sections.setdefault(argument.get("sectionTitle") or "Options", []).append(argument)
    text = ""
    for title, arguments in sections.items():
        arguments.sort(key=lambda argument: not argument["shouldDisplay"])
        text += f".SH {title.upper()}\n" + "".join(described(argument) for argument in arguments)
    return text


def paragraphs(text):
    """Text as it is filled, and the lines that show commands as they are."""
    made = []
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        if all(line.startswith("vnet ") for line in lines):
            made.append(".nf\n" + roff(paragraph) + "\n.fi")
        else:
            made.append(roff(paragraph))
    return "\n.PP\n".join(made)


def page(command, name, others):
    version = os.environ.get("VNET_VERSION", "")
    text = f".TH {name.upper()} 1 \"\" \"vnet {version}\" \"User Commands\"\n.SH NAME\n"
    text += f"{roff(name)} \\- {roff(command['abstract'])}\n.SH SYNOPSIS\n{synopsis(command, name)}\n"
    if command.get("discussion"):
        text += f".SH DESCRIPTION\n{paragraphs(command['discussion'])}\n"
    if others["commands"]:
        text += ".SH COMMANDS\n"
        for other in others["commands"]:
            text += f".TP\n.BR vnet\\-{roff(other['commandName'])} (1)\n{roff(other['abstract'])}\n"
    text += options(command)
    return text + ".SH SEE ALSO\n" + ",\n".join(f".BR {roff(other)} (1)" for other in others["see"]) + "\n"


def main(folder):
    program = json.load(sys.stdin)["command"]
    name = program["commandName"]
    commands = [command for command in program["subcommands"] if command["commandName"] != "help"]
    names = [f"{name}-{command['commandName']}" for command in commands]
    pages = {name: page(program, name, {"commands": commands, "see": names})}
    for command, own in zip(commands, names):
        pages[own] = page(command, own, {"commands": [], "see": [name]})
    for own, text in pages.items():
        with open(os.path.join(folder, own + ".1"), "w", encoding="utf-8") as file:
            file.write(text)


if len(sys.argv) != 2:
    sys.exit("man_pages: give the folder to write to")
main(sys.argv[1])
