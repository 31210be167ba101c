#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# programs.sh [PATTERN]: runs every program in /tests and passes on its KTAP.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

programs "${1:-*}"
echo "# --- the end"
plan 2
expect_clean_end
