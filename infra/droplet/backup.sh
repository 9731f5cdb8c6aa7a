#!/usr/bin/env bash
# Copies the data of a running EventStoreDB: first the checkpoints, then the rest, as its handbook wants it. What is
# written meanwhile stands behind the copied checkpoints, and is cut off when the copy is started.
#
#   backup.sh DATA-FOLDER BACKUP-FOLDER HOW-MANY-TO-KEEP
set -euo pipefail
data=${1:?the data folder} backups=${2:?the folder of backups} keep=${3:?how many to keep}
copy=$backups/$(date -u +%Y%m%dT%H%M%SZ)

mkdir -p "$copy.part"
cd "$data"
find . -name '*.chk' -exec cp --preserve --parents -t "$copy.part" {} +
find . -path './index/*' -type f ! -name '*.chk' -exec cp --preserve --parents -t "$copy.part" {} +
find . -path ./index -prune -o -type f ! -name '*.chk' -exec cp --preserve --parents -t "$copy.part" {} +
# The database is truncated to where its chaser was when the copy is started for the first time.
cp --preserve "$copy.part/chaser.chk" "$copy.part/truncate.chk"
sync
mv "$copy.part" "$copy"

# A copy that was cut short is none; of the others the newest stay.
find "$backups" -mindepth 1 -maxdepth 1 -name '*.part' -exec rm -r {} +
find "$backups" -mindepth 1 -maxdepth 1 -type d | sort | head -n "-$keep" | xargs -r rm -r
echo "$copy"
