"""Builds and installs what is measured, under `target/bench`; what is there already is kept."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile

from functions import BENCH, BOLT_JS, BOLT_PYTHON, BUILT, NODE, NODE_RUNTIME, PYTHON, ROOT, STAND_INS

AWSLAMBDARIC = "awslambdaric==4.2.2"
NODE_PACKAGE = "node@24"
AWS_LAMBDA_RIC = "aws-lambda-ric@4.0.2"


def everything(progress):
    """All of it. A peer that cannot be installed is told and left out: {name: why}."""
    BUILT.mkdir(parents=True, exist_ok=True)
    release = ["cargo", "build", "--release", "--locked"]
    progress.step("Belay: action, perform")
    run(*release, "-p", "action", "-p", "perform")
    progress.step("the stand-ins")
    run(*release, "-p", STAND_INS.name)  # by itself, so that its features are not the functions'
    progress.step("the empty function")
    manifest = str(BENCH / "empty/Cargo.toml")
    run(*release, "--manifest-path", manifest, "--target-dir", str(BUILT / "empty"))
    missing = {}
    for function, install in ((BOLT_PYTHON, bolt_python), (BOLT_JS, bolt_js)):
        progress.step(function.name)
        try:
            install(function.package)
        except (OSError, subprocess.CalledProcessError) as error:
            missing[function.name] = str(error)
    return missing


def bolt_python(package):
    """The runtime client as AWS's runtime brings it, and the function as it is zipped, compiled ahead."""
    source = BENCH / "peers/bolt-python"
    requirements = source / "requirements.txt"
    if is_fresh(package, AWSLAMBDARIC, requirements, source / "app.py"):
        return
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", str(PYTHON.parent.parent))
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, AWSLAMBDARIC)
    run(*pip, "--target", str(package), "--requirement", str(requirements))
    shutil.copy(source / "app.py", package)
    # A package has files for newer Pythons that this one cannot compile; they are not imported either.
    subprocess.run([str(PYTHON), "-m", "compileall", "-qq", str(package)], check=False)
    keep_fresh(package, AWSLAMBDARIC, requirements, source / "app.py")


def bolt_js(package):
    """Node and its runtime client as AWS's runtime brings them, and the function as one minified file."""
    source = BENCH / "peers/bolt-js"
    pins = (NODE_PACKAGE + AWS_LAMBDA_RIC, source / "package.json", source / "app.js")
    if is_fresh(package, *pins):
        return
    if not NODE.exists():
        npm(NODE.parents[3], NODE_PACKAGE)
    if not (NODE_RUNTIME.parent / "rapid-client.node").exists():
        if not shutil.which("cmake"):
            raise OSError("aws-lambda-ric compiles an addon: install cmake, autoconf, automake and libtool")
        npm(NODE_RUNTIME.parents[2], AWS_LAMBDA_RIC)
    workshop = BUILT / "bolt-js-workshop"
    workshop.mkdir(exist_ok=True)
    for name in ("package.json", "app.js"):
        shutil.copy(source / name, workshop)
    npm(workshop)
    bundle = ["--bundle", "--minify", "--platform=node", "--target=node24", "--log-level=warning"]
    esbuild = str(workshop / "node_modules/.bin/esbuild")
    run(esbuild, str(workshop / "app.js"), *bundle, f"--outfile={package / 'app.js'}")
    keep_fresh(package, *pins)


def npm(folder, *packages):
    folder.mkdir(parents=True, exist_ok=True)
    path = f"{NODE.parent}:{os.environ['PATH']}"
    run("npm", "install", "--silent", "--prefix", str(folder), *packages, env={**os.environ, "PATH": path})


def run(*command, env=None):
    print("  $", " ".join(command), flush=True)
    subprocess.run(command, cwd=ROOT, check=True, env=env)


def is_fresh(package, *made_of):
    """Whether the package was made of the same; if not, it is removed."""
    stamp = package.with_suffix(".stamp")
    if stamp.exists() and package.exists() and stamp.read_text() == digest(made_of):
        return True
    shutil.rmtree(package, ignore_errors=True)
    return False


def keep_fresh(package, *made_of):
    package.with_suffix(".stamp").write_text(digest(made_of))


def digest(made_of):
    parts = [part.encode() if isinstance(part, str) else part.read_bytes() for part in made_of]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def zip_mib(package):
    """How large it is when it is uploaded."""
    files = sorted(file for file in package.rglob("*") if file.is_file()) or [package]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for file in files:
            name = file.relative_to(package) if package.is_dir() else "bootstrap"
            archive.write(file, name)
    return packed.getbuffer().nbytes / 2**20
