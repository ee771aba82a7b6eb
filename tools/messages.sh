#!/bin/sh
# Usage: messages.sh PYTHON
# Texts of code and templates → catalogue (new ones empty, unused ones gone) → what the portal reads.
set -eu
babel="$1 -m babel.messages.frontend --quiet"
catalogues=portal/translations
found=$(mktemp)
trap 'rm -f "$found"' EXIT

$babel extract --mapping-file=babel.cfg --keyword=say --keyword=say_count:1,2 --add-location=file --sort-by-file --no-wrap \
    --project=vehicle-export-portal --output-file="$found" .
$babel update --input-file="$found" --output-dir=$catalogues --no-wrap \
    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
$babel compile --directory=$catalogues
empty=$(grep -A1 -E '^msgstr(\[[01]\])? ""$' $catalogues/en/LC_MESSAGES/messages.po | grep -c '^$' || true)
[ "$empty" = 0 ] || echo "$empty texts wait for their translation in $catalogues/en/LC_MESSAGES/messages.po"
