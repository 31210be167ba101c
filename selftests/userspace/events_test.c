// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Events: one JSON object in a line, whatever the strings hold.
 */
#include <fcntl.h>
#include <unistd.h>

#include "events.h"
#include "kselftest_harness.h"

TEST(line_is_json)
{
	struct event event;
	char where[32], line[512] = "";
	struct why why;
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	snprintf(where, sizeof(where), "fd=%d", fds[1]);
	ASSERT_EQ(0, events_open(where, &why));
	event_begin(&event, "exit");
	event_string(&event, "reason", "a \"quoted\\ one\n\x01");
	event_number(&event, "status", -5);
	event_send(&event);
	ASSERT_LT(0, read(fds[0], line, sizeof(line) - 1));
	EXPECT_EQ(0, strncmp("{\"time\":", line, 8));
	EXPECT_NE(NULL, strstr(line, ",\"event\":\"exit\",\"reason\":\"a \\\"quoted\\\\ one\\u000a\\u0001\",\"status\":-5}\n"));
	events_close();
	close(fds[0]);
	close(fds[1]);
}

TEST(file_is_appended_to)
{
	char path[] = "/tmp/vmrun-events-XXXXXX", text[512] = "";
	struct why why;
	int fd = mkstemp(path);
	char *second;

	ASSERT_LE(0, fd);
	for (unsigned int i = 0; i < 2; i++) {
		ASSERT_EQ(0, events_open(path, &why));
		event_tell("reset");
		events_close();
	}
	ASSERT_LT(0, read(fd, text, sizeof(text) - 1));
	second = strchr(text, '\n');
	ASSERT_NE(NULL, second);
	EXPECT_NE(NULL, strstr(second, "\"event\":\"reset\"}\n"));
	close(fd);
	unlink(path);
}

TEST(too_long_an_event_is_dropped_whole)
{
	static char huge[4000];
	struct event event;
	char where[32], line[64];
	struct why why;
	int fds[2];

	memset(huge, 'x', sizeof(huge) - 1);
	ASSERT_EQ(0, pipe2(fds, O_NONBLOCK));
	snprintf(where, sizeof(where), "fd=%d", fds[1]);
	ASSERT_EQ(0, events_open(where, &why));
	event_begin(&event, "exit");
	event_string(&event, "text", huge);
	event_send(&event);
	EXPECT_EQ(-1, read(fds[0], line, sizeof(line)));
	events_close();
	close(fds[0]);
	close(fds[1]);
}

TEST(bad_places_are_named)
{
	struct why why;

	EXPECT_EQ(-1, events_open("fd=", &why));
	EXPECT_EQ(-1, events_open("fd=99999999999", &why));
	EXPECT_EQ(-1, events_open("fd=777", &why));
	EXPECT_NE(NULL, strstr(why.text, "777"));
	EXPECT_EQ(-1, events_open("/no/such/dir/file", &why));
	EXPECT_NE(NULL, strstr(why.text, "/no/such/dir/file"));
}

TEST_HARNESS_MAIN
