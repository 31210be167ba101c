# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Counts KTAP results: prints "PASSED FAILED SKIPPED", then one line "FAIL name"
# for each failure. A line that sums up the indented lines above it is not
# counted again. A plan that promised more than came counts the rest as failed,
# and so does output without any result: a test that says nothing has not passed.

function fail(name)
{
	failed++
	failures = failures "FAIL " name "\n"
}

{ sub(/\r$/, "") }

/^[ \t]*1\.\.[0-9]+/ {
	match($0, /[^ \t]/)
	depth = RSTART
	split(substr($0, RSTART), part, /[.][.]|[ #]/)
	# Several programs one after the other: settle the one before.
	if (depth in planned)
		short(depth)
	planned[depth] = part[2] + 0
	seen[depth] = 0
	if (!planned[depth])
		skipped++
	next
}

/^[ \t]*(not )?ok([ \t]|$)/ {
	match($0, /[^ \t]/)
	depth = RSTART
	line = substr($0, RSTART)
	seen[depth]++
	for (d in planned)
		if (d + 0 > depth) {
			short(d)
			delete planned[d]
		}
	if (deeper > depth) {
		# The parent of what was counted; its own failure must not be lost.
		if (line ~ /^not ok/ && !child_failed)
			fail(line)
		deeper = child_failed = 0
		next
	}
	if (line ~ /# *(SKIP|skip)/)
		skipped++
	else if (line ~ /^ok/)
		passed++
	else
		fail(line)
	if (depth > 1) {
		deeper = depth
		if (line ~ /^not ok/)
			child_failed = 1
	}
}

/^Bail out!/ { fail($0) }

function short(depth,	missing)
{
	for (missing = planned[depth] - seen[depth]; missing > 0; missing--)
		fail("a planned test gave no result")
}

END {
	for (d in planned)
		short(d)
	if (!passed && !failed && !skipped)
		fail("no test gave a result")
	printf "%d %d %d\n%s", passed, failed, skipped, failures
}
