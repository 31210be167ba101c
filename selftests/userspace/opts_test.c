// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The command line of vmrun: every option and alias, and every complaint.
 */
#include "opts.h"
#include "kselftest_harness.h"

#define ARGS_MAX	40

struct parsed {
	int result;
	struct options opts;
	struct why why;
};

/* Parse a command line written with single blanks between its words. */
static struct parsed parse(const char *line)
{
	static char buffer[1024];
	struct parsed parsed = { 0 };
	char *argv[ARGS_MAX] = { "vmrun" };
	int argc = 1;

	snprintf(buffer, sizeof(buffer), "%s", line);
	for (char *word = strtok(buffer, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	parsed.result = opts_parse(&parsed.opts, argc, argv, &parsed.why);
	return parsed;
}

TEST(defaults)
{
	struct parsed p = parse("image");

	ASSERT_EQ(0, p.result);
	EXPECT_STREQ("image", p.opts.image);
	EXPECT_EQ(NULL, p.opts.kernel);
	EXPECT_EQ(NULL, p.opts.append);
	EXPECT_EQ(1, p.opts.cpus);
	EXPECT_EQ(512ULL << 20, p.opts.memory);
	EXPECT_EQ(SERIAL_STDIO, p.opts.serial.kind);
	EXPECT_EQ(0, p.opts.timeout_ns);
	EXPECT_FALSE(p.opts.no_reboot);
	EXPECT_EQ(0, p.opts.level);
}

TEST(every_option)
{
	struct parsed p = parse("--kernel k --initrd a --initrd b --append x=1 --cpus 4 "
				"--memory 1G --serial file=log --timeout 1.5 --no-reboot "
				"--name vm_1-A --verbose");

	ASSERT_EQ(0, p.result);
	EXPECT_STREQ("k", p.opts.kernel);
	EXPECT_EQ(2, p.opts.initrds);
	EXPECT_STREQ("a", p.opts.initrd[0]);
	EXPECT_STREQ("b", p.opts.initrd[1]);
	EXPECT_STREQ("x=1", p.opts.append);
	EXPECT_EQ(4, p.opts.cpus);
	EXPECT_EQ(1ULL << 30, p.opts.memory);
	EXPECT_EQ(SERIAL_FILE, p.opts.serial.kind);
	EXPECT_STREQ("log", p.opts.serial.path);
	EXPECT_EQ(1500000000, p.opts.timeout_ns);
	EXPECT_TRUE(p.opts.no_reboot);
	EXPECT_STREQ("vm_1-A", p.opts.name);
	EXPECT_EQ(1, p.opts.level);
}

TEST(letters_and_aliases)
{
	struct parsed p = parse("-k k -i a -a x -c cpus=2 -m 64 -n vm -q");

	ASSERT_EQ(0, p.result);
	EXPECT_STREQ("k", p.opts.kernel);
	EXPECT_STREQ("a", p.opts.initrd[0]);
	EXPECT_STREQ("x", p.opts.append);
	EXPECT_EQ(2, p.opts.cpus);
	EXPECT_EQ(64ULL << 20, p.opts.memory);
	EXPECT_EQ(-1, p.opts.level);

	EXPECT_STREQ("y", parse("k --params y").opts.append);
	EXPECT_STREQ("z", parse("k --cmdline z").opts.append);
	EXPECT_EQ(3ULL << 20, parse("k --mem 3").opts.memory);
	EXPECT_EQ(SERIAL_PTY, parse("k --serial pty").opts.serial.kind);
	EXPECT_EQ(SERIAL_NULL, parse("k --serial null").opts.serial.kind);
}

TEST(image_may_stand_anywhere)
{
	EXPECT_STREQ("img", parse("-m 64 img -v").opts.image);
	EXPECT_STREQ("img", parse("-v -- img").opts.image);
	EXPECT_STREQ("-odd", parse("-v -- -odd").opts.image);
}

TEST(help_needs_no_image)
{
	EXPECT_EQ(0, parse("--help").result);
	EXPECT_EQ(0, parse("-V").result);
	EXPECT_EQ(0, parse("--check").result);
	EXPECT_TRUE(parse("--check").opts.check);
}

TEST(sizes)
{
	uint64_t bytes;

	EXPECT_EQ(0, opts_size("1", &bytes));
	EXPECT_EQ(1ULL << 20, bytes);
	EXPECT_EQ(0, opts_size("8K", &bytes));
	EXPECT_EQ(8192, bytes);
	EXPECT_EQ(0, opts_size("2g", &bytes));
	EXPECT_EQ(2ULL << 30, bytes);
	EXPECT_EQ(0, opts_size("2GiB", &bytes));
	EXPECT_EQ(2ULL << 30, bytes);
	EXPECT_EQ(0, opts_size("1TB", &bytes));
	EXPECT_EQ(1ULL << 40, bytes);
	EXPECT_NE(0, opts_size("", &bytes));
	EXPECT_NE(0, opts_size("-1", &bytes));
	EXPECT_NE(0, opts_size(" 1", &bytes));
	EXPECT_NE(0, opts_size("1X", &bytes));
	EXPECT_NE(0, opts_size("1MM", &bytes));
	EXPECT_NE(0, opts_size("1.5G", &bytes));
	EXPECT_NE(0, opts_size("99999999999999999999", &bytes));
	EXPECT_NE(0, opts_size("18446744073709551615K", &bytes));
}

TEST(complaints_name_the_culprit)
{
	static const struct {
		const char *line, *part;
	} rows[] = {
		{ "", "nothing to run" },
		{ "-v", "nothing to run" },
		{ "a b", "one image at a time" },
		{ "--frobnicate", "--frobnicate" },
		{ "-z", "-z" },
		{ "x --append", "needs an argument" },
		{ "x -m", "needs an argument" },
		{ "x -c 0", "1 to 64" },
		{ "x -c 65", "1 to 64" },
		{ "x -c two", "two" },
		{ "x -c 2,sockets=2", "sockets=2" },
		{ "x -m 1", "2 MiB" },
		{ "x -m 65T", "64 TiB" },
		{ "x -m 2050K", "4 KiB" },
		{ "x -m lots", "lots" },
		{ "x --serial tcp", "tcp" },
		{ "x --serial file=", "file=" },
		{ "x --timeout 0", "positive" },
		{ "x --timeout -3", "positive" },
		{ "x --timeout nan", "positive" },
		{ "x --timeout 5s", "5s" },
		{ "x -n a.b", "a.b" },
		{ "x -n aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1 to 32" },
		{ "-k a -k b", "twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct parsed p = parse(rows[i].line);

		EXPECT_EQ(-1, p.result) {
			TH_LOG("accepted: %s", rows[i].line);
		}
		EXPECT_NE(NULL, strstr(p.why.text, rows[i].part)) {
			TH_LOG("%s: %s", rows[i].line, p.why.text);
		}
	}
}

TEST(too_many_initrds)
{
	char line[512] = "k";

	for (int i = 0; i <= OPTS_INITRDS_MAX; i++)
		strcat(line, " -i f");
	EXPECT_EQ(-1, parse(line).result);
}

TEST_HARNESS_MAIN
