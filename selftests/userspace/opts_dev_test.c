// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The device options: what they mean, and who is named when they mean nothing.
 */
#include "opts_dev.h"

#include "kselftest_harness.h"

TEST(disks)
{
	struct disk_options disk;
	struct why why;

	ASSERT_EQ(0, opts_disk(&disk, "a.img", &why));
	EXPECT_STREQ("a.img", disk.path);
	EXPECT_EQ(DISK_AUTO, disk.format);
	EXPECT_FALSE(disk.read_only);
	ASSERT_EQ(0, opts_disk(&disk, "a,,b.img,ro,serial=x-1,if=virtio", &why));
	EXPECT_STREQ("a,b.img", disk.path);
	EXPECT_TRUE(disk.read_only);
	EXPECT_STREQ("x-1", disk.serial);
	ASSERT_EQ(0, opts_disk(&disk, "a,format=qcow2", &why));
	EXPECT_EQ(DISK_QEMU, disk.format);
	EXPECT_STREQ("qcow2", disk.qemu_format);
	ASSERT_EQ(0, opts_disk(&disk, "nbd+unix:///?socket=/s", &why));
	EXPECT_EQ(DISK_NBD, disk.format);
}

TEST(networks)
{
	static const uint8_t mac[6] = { 0x52, 0x56, 0x4d, 0, 0, 9 };
	struct net_options net;
	struct why why;

	ASSERT_EQ(0, opts_net(&net, "user,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp::53-:53",
			      &why));
	EXPECT_EQ(NET_USER, net.kind);
	ASSERT_EQ(2, net.forwards);
	EXPECT_STREQ("127.0.0.1", net.forward[0].host);
	EXPECT_EQ(2222, net.forward[0].host_port);
	EXPECT_EQ(22, net.forward[0].guest_port);
	EXPECT_TRUE(net.forward[1].udp);
	EXPECT_STREQ("", net.forward[1].host);
	ASSERT_EQ(0, opts_net(&net, "user,hostfwd=tcp:[::1]:80-:8080", &why));
	EXPECT_STREQ("::1", net.forward[0].host);
	ASSERT_EQ(0, opts_net(&net, "tap=tap0,mac=52:56:4d:00:00:09", &why));
	EXPECT_EQ(NET_TAP, net.kind);
	EXPECT_STREQ("tap0", net.interface);
	EXPECT_EQ(0, memcmp(mac, net.mac, 6));
	ASSERT_EQ(0, opts_net(&net, "tap=fd:7", &why));
	EXPECT_EQ(NET_TAP_FD, net.kind);
	EXPECT_EQ(7, net.fd);
	ASSERT_EQ(0, opts_net(&net, "none", &why));
	EXPECT_EQ(NET_NONE, net.kind);
}

TEST(shares_and_consoles)
{
	struct console_options console;
	struct share_options share;
	struct why why;

	ASSERT_EQ(0, opts_share(&share, "code=/src,,x,ro", &why));
	EXPECT_STREQ("code", share.tag);
	EXPECT_STREQ("/src,x", share.dir);
	EXPECT_TRUE(share.read_only);
	ASSERT_EQ(0, opts_console(&console, "file=log,name=agent", &why));
	EXPECT_EQ(SERIAL_FILE, console.kind);
	EXPECT_STREQ("log", console.path);
	EXPECT_STREQ("agent", console.name);
}

TEST(complaints_name_the_culprit)
{
	static const struct { char kind; const char *text, *part; } rows[] = {
		{ 'd', "", "no path" },
		{ 'd', "a,rw", "rw" },
		{ 'd', "a,serial=", "serial" },
		{ 'd', "a,serial=123456789012345678901", "serial" },
		{ 'd', "a,format=dmg", "dmg" },
		{ 'd', "a,if=ide", "if=ide" },
		{ 'd', "nbd://host,format=qcow2", "no format" },
		{ 'n', "bridge", "bridge" },
		{ 'n', "tap=", "interface" },
		{ 'n', "tap=an-interface-name-too-long", "interface" },
		{ 'n', "tap=fd:x", "fd:x" },
		{ 'n', "user,mac=1:2:3", "1:2:3" },
		{ 'n', "user,mac=01:02:03:04:05:06", "multicast" },
		{ 'n', "user,hostfwd=22", "hostfwd" },
		{ 'n', "user,hostfwd=tcp:127.0.0.1:0-:22", "hostfwd" },
		{ 'n', "user,hostfwd=tcp:127.0.0.1:70000-:22", "hostfwd" },
		{ 'n', "user,hostfwd=tcp:--help:1-:22", "hostfwd" },
		{ 'n', "tap=t,hostfwd=tcp::1-:2", "--net user" },
		{ 's', "/dir", "TAG=DIRECTORY" },
		{ 's', "=dir", "tag" },
		{ 's', "t=", "directory" },
		{ 's', "t=/d,rw", "rw" },
		{ 'c', "tty", "tty" },
		{ 'c', "pty,speed=9", "speed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct console_options console;
		struct share_options share;
		struct disk_options disk;
		struct net_options net;
		struct why why;
		int error = rows[i].kind == 'd' ? opts_disk(&disk, rows[i].text, &why) :
			    rows[i].kind == 'n' ? opts_net(&net, rows[i].text, &why) :
			    rows[i].kind == 's' ? opts_share(&share, rows[i].text, &why) :
						  opts_console(&console, rows[i].text, &why);

		EXPECT_EQ(-1, error) TH_LOG("%s", rows[i].text);
		EXPECT_NE(NULL, strstr(why.text, rows[i].part))
			TH_LOG("%s: %s", rows[i].text, why.text);
	}
}

TEST_HARNESS_MAIN
