"""The same archive with the records of archives of over 4 GiB: zip64.py FROM TO."""
import sys
import zipfile

zipfile.ZIP64_LIMIT = 200
with zipfile.ZipFile(sys.argv[1]) as source, zipfile.ZipFile(sys.argv[2], "w") as target:
    for entry in source.infolist():
        with target.open(entry.filename, "w", force_zip64=True) as file:
            file.write(source.read(entry))
with open(sys.argv[2], "rb") as file:
    assert b"PK\6\6" in file.read()
