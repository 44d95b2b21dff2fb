r"""Other packages for facial expression recognition, on the photos that our models are tried on.

Each package runs in the Python that has it, called by an adapter: a script that needs nothing of
this project and speaks a protocol of one line of JSON per message, in ASCII or UTF-8. Adapters for
`fer` and `deepface` are here; docs/evaluate.md shows how to write one.

**Standard output.** A reply is a line that holds `@reply ` and then an object in JSON. All other
text is ignored, so a package may print what it likes. An adapter begins a reply with a newline,
in case the package has not ended its own line. Of standard error, the last line is shown if the
process ends.

**Start.** The adapter first describes the package, once it is ready for photos:

    @reply {"protocol": 1, "name": "fer", "version": "25.10.3", "classes": ["angry", ...],
            "notes": ["Default settings."]}

`classes` are those of the package in the order of its probabilities; `notes`, sentences for the
reader, may be left out. (It is one line; here it is broken for reading.)

**A photo.** Standard input holds one request per line, and the next one only after the reply:

    {"id": 1, "photo": "/photos/happy/1.jpg", "pre_cropped": false}

`photo` is an absolute path. If `pre_cropped` is true, the whole photo is one face, and none has to
be found. The reply has the same `id` and zero or more faces, or an error:

    @reply {"id": 1, "faces": [{"box": [52, 67, 213, 228], "probabilities": [0.02, ...]}]}
    @reply {"id": 1, "error": "The photo cannot be read."}

`box` is left, top, right and bottom in pixels of the upright photo; without boxes, only the first
face counts. Probabilities sum to 1, to within 0.05.

**End.** The input ends. A process that does not end with it within five seconds is killed, and so
is one that takes too long for a photo. It inherits only the environment variables in
`KEPT_VARIABLES`.
"""

from fer_core.benchmark.packages.evaluate_package import evaluate_package
from fer_core.benchmark.packages.line_process import KEPT_VARIABLES, MARKER, LineProcess
from fer_core.benchmark.packages.package_command import ADAPTERS, PackageCommand
from fer_core.benchmark.packages.package_process import (
    PackageDescription,
    PackageFace,
    PackageProcess,
    PackageResult,
)

__all__ = [
    "ADAPTERS",
    "KEPT_VARIABLES",
    "MARKER",
    "LineProcess",
    "PackageCommand",
    "PackageDescription",
    "PackageFace",
    "PackageProcess",
    "PackageResult",
    "evaluate_package",
]
