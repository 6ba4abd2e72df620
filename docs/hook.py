"""Gives the site the pages that are made: from the code, and from documents above this folder."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from pipeline.cli import command_line
from pipeline.documentation.pages import for_the_site, section
from pipeline.documentation.reference import commands_page, metrics_page, parameters_page

PROJECT = Path(__file__).resolve().parents[1]
ABOVE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    made = {page: (PROJECT / file).read_text() for file, page in ABOVE.items()}
    made["loss.md"] = f"# A new loss\n{section(made['contributing.md'], '### A loss')}"
    made["parameters.md"] = parameters_page()
    made["metrics.md"] = metrics_page()
    made["commands.md"] = commands_page(command_line)
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn a page's links into the site's."""
    above = {to: file for file, to in ABOVE.items()}
    file = above.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    return for_the_site(markdown, file, ABOVE, config.repo_url or "")
