# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# awk -v form=text|json|svg|ktap -f report.awk limits output-of-both.sh...
#
# Joins the two hypervisors' rows. Order is that of the first list a row is in.

function ratio_of(name) {
	return min["kvm", name] > 0 ? min["vmm", name] / min["kvm", name] : 0
}

function bar_of(name) { return (name in bar) && bar[name] != "-" ? bar[name] : "" }

function verdict(name, r) {
	if (bar_of(name) == "")
		return ""
	return r <= bar[name] ? "met" : "above"
}

function spread(hv, name) {
	return min[hv, name] > 0 ? 100 * (max[hv, name] - min[hv, name]) / min[hv, name] : 0
}

function text(   i, n) {
	for (i = 1; i <= facts; i++)
		print "# " fact[i]
	printf "%-31s %-9s %12s %12s %7s %6s  %s\n",
		"row", "per", "KVM", "ours", "ratio", "bar", "spread KVM/ours"
	for (i = 1; i <= rows; i++) {
		n = row[i]
		if (!(("kvm", n) in min) || !(("vmm", n) in min)) {
			printf "%-31s %-9s %12s %12s\n", n, unit[n],
				("kvm", n) in min ? sprintf("%.1f", min["kvm", n]) : "none",
				("vmm", n) in min ? sprintf("%.1f", min["vmm", n]) : "none"
			continue
		}
		printf "%-31s %-9s %12.1f %12.1f %7.3f %6s  %.1f%% %.1f%% %s\n", n, unit[n],
			min["kvm", n], min["vmm", n], ratio_of(n), bar_of(n),
			spread("kvm", n), spread("vmm", n), verdict(n, ratio_of(n))
	}
}

function quoted(s) {
	gsub(/["\\]/, "\\\\&", s)
	return "\"" s "\""
}

function json(   i, n, sep) {
	print "{\n  \"facts\": ["
	for (i = 1; i <= facts; i++)
		printf "    %s%s\n", quoted(fact[i]), i < facts ? "," : ""
	print "  ],\n  \"rows\": ["
	for (i = 1; i <= rows; i++) {
		n = row[i]
		printf "%s    { \"row\": %s, \"per\": %s", sep, quoted(n), quoted(unit[n])
		if (("kvm", n) in min)
			printf ", \"kvm\": %s, \"kvm_max\": %s", min["kvm", n], max["kvm", n]
		if (("vmm", n) in min)
			printf ", \"ours\": %s, \"ours_max\": %s", min["vmm", n], max["vmm", n]
		if (("kvm", n) in min && ("vmm", n) in min)
			printf ", \"ratio\": %.4f", ratio_of(n)
		if (bar_of(n) != "")
			printf ", \"bar\": %s", bar[n]
		printf " }"
		sep = ",\n"
	}
	print "\n  ]\n}"
}

# One bar per row, as long as the ratio; a tick where it should end.
function svg(   i, n, r, y, count, scale, left) {
	left = 230
	scale = 420		# pixels for a ratio of 1
	for (i = 1; i <= rows; i++)
		count += ("kvm", row[i]) in min && ("vmm", row[i]) in min
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"820\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", count * 20 + 60
	print "<!-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause -->"
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	print "<text x=\"10\" y=\"20\" font-size=\"14\">Cost relative to KVM (KVM = 1; shorter is better)</text>"
	for (r = 0; r <= 1.25; r += 0.25) {
		printf "<line x1=\"%d\" y1=\"34\" x2=\"%d\" y2=\"%d\" stroke=\"%s\"/>\n",
			left + r * scale, left + r * scale, count * 20 + 40, r == 1 ? "#888" : "#ddd"
		printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#666\">%.2f</text>\n",
			left + r * scale, count * 20 + 55, r
	}
	y = 40
	for (i = 1; i <= rows; i++) {
		n = row[i]
		if (!(("kvm", n) in min && ("vmm", n) in min))
			continue
		r = ratio_of(n)
		printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left - 8, y + 12, n
		printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\"/>\n", left, y,
			(r > 1.25 ? 1.25 : r) * scale, verdict(n, r) == "above" ? "#d0803c" : "#3c78b4"
		printf "<text x=\"%.1f\" y=\"%d\">%.2f</text>\n",
			left + (r > 1.25 ? 1.25 : r) * scale + 4, y + 12, r
		if (bar_of(n) != "")
			printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\" stroke-width=\"2\"/>\n",
				left + bar[n] * scale, y - 2, left + bar[n] * scale, y + 16
		y += 20
	}
	print "</svg>"
}

# Rows with a limit are tests; one that was not measured fails.
function ktap(   i, n, r, ok) {
	print "TAP version 13\n1.." limited
	for (i = 1; i <= limited; i++) {
		n = limit_row[i]
		ok = ("kvm", n) in min && ("vmm", n) in min
		r = ratio_of(n)
		if (ok)
			printf "# %s: KVM %.1f, ours %.1f, ratio %.3f, limit %s\n", n,
				min["kvm", n], min["vmm", n], r, limit[n]
		else
			printf "# %s was not measured\n", n
		printf "%s %d %s\n", ok && r <= limit[n] * 1.05 ? "ok" : "not ok", i, n
	}
}

FILENAME == ARGV[1] {
	if ($1 !~ /^#/ && NF == 3) {
		bar[$1] = $2
		if ($3 != "-") {
			limit[$1] = $3
			limit_row[++limited] = $1
		}
	}
	next
}
$2 == "fact" {
	name = $1
	sub(/^[a-z]+ fact /, "")
	if (!seen[name, $0]++)
		fact[++facts] = name ": " $0
	next
}
$2 == "row" || $2 == "none" || $2 == "failed" {
	sub(/:$/, "", $3)
	if (!($3 in unit)) {
		row[++rows] = $3
		unit[$3] = "-"
	}
	if ($2 == "row") {
		unit[$3] = $4
		min[$1, $3] = $5 + 0
		max[$1, $3] = $6 + 0
	}
	if ($2 == "failed")
		fact[++facts] = $0
}
END {
	if (form == "json")
		json()
	else if (form == "svg")
		svg()
	else if (form == "ktap")
		ktap()
	else
		text()
}
