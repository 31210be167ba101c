// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The configuration: options become keys, keys become options, and what is
 * printed reads back as itself.
 */
#include <unistd.h>

#include "kselftest_harness.h"
#include "opts.h"

FIXTURE(config) {
	struct options opts;
	struct why why;
	char path[64];
};

typedef FIXTURE_DATA(config) config_data;

FIXTURE_SETUP(config)
{
	memset(self, 0, sizeof(*self));
	strcpy(self->path, "/tmp/vmrun-config-XXXXXX");
	close(mkstemp(self->path));
}

FIXTURE_TEARDOWN(config)
{
	unlink(self->path);
	opts_free(&self->opts);
}

static int parse(config_data *self, char *const *args)
{
	char *argv[32] = { "vmrun" };
	int argc = 1;

	opts_free(&self->opts);
	for (; *args; args++)
		argv[argc++] = *args;
	return opts_parse(&self->opts, argc, argv, &self->why);
}

#define PARSE(...)	parse(self, (char *[]){ __VA_ARGS__, NULL })

static void put_file(config_data *self, const char *text)
{
	FILE *file = fopen(self->path, "w");

	fputs(text, file);
	fclose(file);
}

/* What --print-config prints. */
static void print(config_data *self, char *text, size_t room)
{
	FILE *out = fmemopen(text, room, "w");

	config_print(&self->opts.config, out);
	fclose(out);
}

TEST_F(config, options_print_as_keys)
{
	char text[1024] = "";

	ASSERT_EQ(0, PARSE("-m", "1G", "--disk", "a,ro", "-d", "b", "--no-reboot", "--serial", "null",
			   "-a", "console=ttyS0 quiet", "--params", "x=y", "kernel"));
	print(self, text, sizeof(text));
	EXPECT_STREQ("memory.size=1G\ndisk.0=a,ro\ndisk.1=b\nno-reboot=true\nlpc.com1.path=null\nappend=x=y\nimage=kernel\n",
		     text);
}

TEST_F(config, printed_configuration_reads_back)
{
	char text[1024] = "", again[1024] = "";

	ASSERT_EQ(0, PARSE("-c", "2", "-m", "64", "-i", "r1", "-i", "r2", "--net", "user", "--share",
			   "t=/d", "--console", "pty", "--ephemeral", "--timeout", "5", "-k", "k",
			   "-a", " leading # = blanks "));
	print(self, text, sizeof(text));
	put_file(self, text);
	ASSERT_EQ(0, PARSE("--config", self->path)) TH_LOG("%s", self->why.text);
	print(self, again, sizeof(again));
	EXPECT_STREQ(text, again);
	EXPECT_EQ(2, self->opts.cpus);
	EXPECT_EQ(64ULL << 20, self->opts.memory);
	EXPECT_EQ(2, self->opts.initrds);
	EXPECT_STREQ("r2", self->opts.initrd[1]);
	EXPECT_EQ(1, self->opts.nets);
	EXPECT_EQ(1, self->opts.shares);
	EXPECT_TRUE(self->opts.ephemeral);
	EXPECT_STREQ(" leading # = blanks ", self->opts.append);
}

TEST_F(config, later_wins_and_lists_grow)
{
	put_file(self, "# a comment\n\n  cpus=4\nmemory.size=1G\ndisk.0=a\nimage=k\nno-reboot=true\n");
	ASSERT_EQ(0, PARSE("--config", self->path, "-c", "2", "-d", "b", "-o", "no-reboot=false",
			   "-o", "memory.size=2G"));
	EXPECT_EQ(2, self->opts.cpus);
	EXPECT_EQ(2ULL << 30, self->opts.memory);
	ASSERT_EQ(2, self->opts.disks);
	EXPECT_STREQ("a", self->opts.disk[0].path);
	EXPECT_STREQ("b", self->opts.disk[1].path);
	EXPECT_FALSE(self->opts.no_reboot);
	EXPECT_STREQ("k", self->opts.image);
}

TEST_F(config, complaints_name_the_line)
{
	put_file(self, "cpus=1\nfrob=2\n");
	EXPECT_EQ(-1, PARSE("--config", self->path));
	EXPECT_NE(NULL, strstr(self->why.text, "line 2"));
	EXPECT_NE(NULL, strstr(self->why.text, "frob"));
	put_file(self, "cpus\n");
	EXPECT_EQ(-1, PARSE("--config", self->path));
	EXPECT_NE(NULL, strstr(self->why.text, "key=value"));
	put_file(self, "cpus=many\nimage=k\n");
	EXPECT_EQ(-1, PARSE("--config", self->path));
	EXPECT_NE(NULL, strstr(self->why.text, "many"));
	EXPECT_EQ(-1, PARSE("--config", "/no/such/file"));
	EXPECT_NE(NULL, strstr(self->why.text, "No such file"));
	EXPECT_EQ(-1, PARSE("-o", "cpus"));
	EXPECT_EQ(-1, PARSE("-o", "disk=a"));
	EXPECT_EQ(-1, PARSE("-o", "help=true"));
	EXPECT_EQ(-1, PARSE("-o", "no-reboot=maybe"));
	EXPECT_EQ(-1, PARSE("-a", "two\nlines", "k"));
}

TEST_HARNESS_MAIN
