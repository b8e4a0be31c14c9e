"""What is passed over by its name alone: hidden things, what tools leave behind, and files that hold no text.

None of these is a failure: they are counted (`Skipped.fault` is False), so that images do not drown what went wrong.
"""

from __future__ import annotations

from indexers.sources.words import words

HIDDEN = "It is hidden (its name begins with a dot)."
LINK = "It is a link, and links are not followed."
TOOLS = "It is what tools make: caches, installed packages or build output."
LOCK = "It is made by a tool and says nothing that its source does not."
NO_TEXT = "It is of a kind that holds no text that can be read."

_TOOL_FOLDERS = words(
    """__pycache__ __MACOSX node_modules bower_components site-packages dist-packages venv CVS .git .hg .svn"""
)

_TOOL_FILES = words(
    """package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml poetry.lock uv.lock Pipfile.lock Cargo.lock
    composer.lock Gemfile.lock go.sum Thumbs.db desktop.ini"""
)

_GENERATED = (".min.js", ".min.css", ".js.map", ".css.map")

_NO_TEXT = words(
    """png jpg jpeg gif bmp tif tiff webp ico icns svg svgz psd ai eps xcf heic heif avif raw cr2 nef dng
    mp3 wav flac ogg oga opus m4a aac wma aiff mid midi
    mp4 m4v mkv avi mov wmv webm mpg mpeg flv ogv 3gp
    ttf otf woff woff2 eot pfb pcf
    exe dll so dylib a o obj lib class pyc pyo pyd whl egg jar war wasm elc beam msi deb rpm dmg iso img apk mo
    bin dat npy npz pt pth ckpt onnx safetensors gguf h5 hdf5 pkl pickle faiss
    db sqlite sqlite3 mdb ldb sst wal pak swp blend stl glb dwg"""
)


def file_reason(name: str) -> str:
    """Why a file of this name is passed over; empty where it is to be read."""
    if name.startswith("."):
        return HIDDEN
    if name in _TOOL_FILES or name.endswith(_GENERATED):
        return LOCK
    suffix = name.rpartition(".")[2].lower()
    return NO_TEXT if suffix in _NO_TEXT and suffix != name.lower() else ""


def folder_reason(name: str) -> str:
    """Why a folder of this name is passed over with all that is in it; empty where it is to be entered."""
    if name in _TOOL_FOLDERS or name.endswith((".egg-info", ".dist-info")):
        return TOOLS
    return HIDDEN if name.startswith(".") else ""


def path_reason(path: str) -> str:
    """Why the file at a path with `/` is passed over, for its own name or that of a folder above it."""
    *folders, name = path.split("/")
    return next((why for folder in folders if (why := folder_reason(folder))), "") or file_reason(name)
