// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Requests to diod over a stream socket, one at a time: so a reset of the
 * guest leaves no answer behind that belongs to nobody. The protocol's own
 * size field frames the stream.
 *
 * diod maps all users to the one who runs vmrun: a guest's root is that user
 * here, and nobody else.
 *
 * 9P2000.L, "Tattach" (diod's protocol.md).
 */
#include "backend/p9.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TATTACH		104
#define ANSWER_MS	60000	/* for one request; a disk may have to spin up */

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

uint32_t p9_name_attach(uint8_t *buf, uint32_t len, uint32_t room, const char *dir)
{
	uint16_t name = strlen(dir);
	/* header, fid[4] afid[4] uname[s] aname[s] n_uname[4] */
	uint32_t uname = P9_HEADER + 8, aname, new_len;

	if (len < uname + 2 || buf[4] != TATTACH)
		return len;
	aname = uname + 2 + get16(buf + uname);
	if (len < aname + 2 || get16(buf + aname))
		return len;
	new_len = len + name;
	if (new_len > room)
		return len;
	memmove(buf + aname + 2 + name, buf + aname + 2, len - aname - 2);
	memcpy(buf + aname, &name, sizeof(name));
	memcpy(buf + aname + 2, dir, name);
	memcpy(buf, &new_len, sizeof(new_len));
	return new_len;
}

static bool is_ready(const struct p9 *p9, short events)
{
	struct pollfd pollfd = { p9->child.fd, events, 0 };
	int ready;

	do
		ready = poll(&pollfd, 1, ANSWER_MS);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

static int send_all(struct p9 *p9, const uint8_t *buf, uint32_t len)
{
	while (len) {
		ssize_t done;

		if (!is_ready(p9, POLLOUT))
			return -ETIMEDOUT;
		done = send(p9->child.fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (done > 0) {
			buf += done;
			len -= done;
		}
	}
	return 0;
}

static int receive_all(struct p9 *p9, uint8_t *buf, uint32_t len)
{
	while (len) {
		ssize_t got;

		if (!is_ready(p9, POLLIN))
			return -ETIMEDOUT;
		got = recv(p9->child.fd, buf, len, MSG_DONTWAIT);
		if (!got)
			return -ECONNRESET;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (got > 0) {
			buf += got;
			len -= got;
		}
	}
	return 0;
}

static ssize_t exchange(struct p9 *p9, uint8_t *buf, uint32_t len)
{
	int error = send_all(p9, buf, len);

	if (!error)
		error = receive_all(p9, buf, P9_HEADER);
	if (error)
		return error;
	len = get32(buf);
	if (len < P9_HEADER || len > P9_MESSAGE_MAX)
		return -EPROTO;
	error = receive_all(p9, buf + P9_HEADER, len - P9_HEADER);
	return error ? error : (ssize_t)len;
}

ssize_t p9_call(struct p9 *p9, uint8_t *buf, uint32_t len)
{
	ssize_t got = -ECONNRESET;

	if (!p9->dead)
		got = exchange(p9, buf, p9_name_attach(buf, len, P9_MESSAGE_MAX, p9->dir));
	/* Half a message was lost: what comes next makes no sense any more. */
	p9->dead = got < 0;
	return got;
}

/* --- opening ------------------------------------------------------------------- */

static int check_directory(const struct share_options *share, char *dir, struct why *why)
{
	struct stat st;

	if (!realpath(share->dir, dir))
		return why_set(why, "--share: %s: %s", share->dir, strerror(errno));
	if (stat(dir, &st))
		return why_set(why, "--share: %s: %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return why_set(why, "--share: %s is no directory: name the one it is in", share->dir);
	if (access(dir, R_OK | X_OK))
		return why_set(why, "--share: %s: you may not read it", share->dir);
	return 0;
}

static int start_diod(struct p9 *p9, bool read_only, struct why *why)
{
	const struct passwd *user = getpwuid(geteuid());
	const char *const argv[] = {
		"diod", "-f", "-n", "-S", "-U", user ? user->pw_name : "nobody", "-L", "stderr",
		"-c", "/dev/null", "-r", CHILD_FD, "-w", CHILD_FD, "-e", p9->dir,
		read_only ? "-o" : NULL, "ro", NULL,
	};

	return child_start(&p9->child, argv, "diod", why);
}

struct p9 *p9_open(const struct share_options *share, struct why *why)
{
	struct p9 *p9 = calloc(1, sizeof(*p9));

	if (!p9) {
		why_set(why, "--share: no memory");
		return NULL;
	}
	if (check_directory(share, p9->dir, why) || start_diod(p9, share->read_only, why)) {
		free(p9);
		return NULL;
	}
	return p9;
}

void p9_close(struct p9 *p9)
{
	if (!p9)
		return;
	child_end(&p9->child);
	free(p9);
}
