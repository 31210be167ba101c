// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A list of the system calls that a running guest needs. Some others fail with
 * an error, because the C library copes with that; any other ends the process
 * by SIGSYS, with a message and the terminal restored.
 *
 * The handler cannot be taken away afterwards: rt_sigaction() for SIGSYS is not
 * on the list.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "term.h"
#include <uapi/vmm.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const int allowed[] = {
	/* what is open */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write),
	SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(fdatasync),
	SCMP_SYS(fsync), SCMP_SYS(msync), SCMP_SYS(fallocate), SCMP_SYS(lseek), SCMP_SYS(close),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fcntl), SCMP_SYS(sendmsg),
	SCMP_SYS(sendto), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(shutdown),
	/* waiting */
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(wait4), SCMP_SYS(restart_syscall),
	/* memory and threads */
	SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
	SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(membarrier),
	/* facts */
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getpgrp), SCMP_SYS(getpgid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
	SCMP_SYS(getrandom),
};

/* Fail, as they would for somebody without rights. */
static const struct {
	int call, error;
} refused[] = {
	{ SCMP_SYS(open), EACCES }, { SCMP_SYS(openat), EACCES }, { SCMP_SYS(access), EACCES },
	{ SCMP_SYS(faccessat), EACCES }, { SCMP_SYS(faccessat2), EACCES },
	{ SCMP_SYS(stat), EACCES }, { SCMP_SYS(readlink), EACCES }, { SCMP_SYS(socket), EACCES },
	{ SCMP_SYS(kill), EPERM }, { SCMP_SYS(unlink), EACCES }, { SCMP_SYS(rmdir), EACCES },
	/* Its flags are in memory, where a filter cannot look: clone() is the way back. */
	{ SCMP_SYS(clone3), ENOSYS },
};

/* Terminals have requests that type for the user; so each is named. */
static const unsigned long ioctls[] = {
	TCGETS, TCSETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, BLKDISCARD, BLKZEROOUT, TUNSETOFFLOAD,
};

static void on_forbidden(int number, siginfo_t *info, void *context)
{
	char text[96];
	int len = snprintf(text, sizeof(text),
			   "vmrun: forbidden system call %d: ending at once\n", info->si_syscall);

	(void)context;
	term_restore();
	if (len > 0 && write(STDERR_FILENO, text, len) < 0)
		len = 0;
	/* The handler is gone by now (SA_RESETHAND). */
	raise(number);
}

static int add_rules(scmp_filter_ctx filter)
{
	const scmp_datum_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
	int error = 0;

	for (size_t i = 0; !error && i < COUNT(allowed); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; !error && i < COUNT(refused); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(refused[i].error),
					 refused[i].call, 0);
	for (size_t i = 0; !error && i < COUNT(ioctls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
					 SCMP_A1_32(SCMP_CMP_EQ, ioctls[i], 0));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
					 SCMP_A1_32(SCMP_CMP_MASKED_EQ, 0xff00, VMM_IOC << 8));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1,
					 SCMP_A0_32(SCMP_CMP_NE, SIGSYS, 0));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
					 SCMP_A0_32(SCMP_CMP_EQ, PR_SET_NAME, 0));
	/* Signals to threads of our own. */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
					 SCMP_A0_32(SCMP_CMP_EQ, (unsigned int)getpid(), 0));
	/* Limits may be looked at. */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
					 SCMP_A2_64(SCMP_CMP_EQ, 0, 0));
	return error;
}

int sandbox_enter(struct why *why)
{
	struct sigaction action = {
		.sa_sigaction = on_forbidden,
		.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER,
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int error = filter ? 0 : -ENOMEM;

	sigaction(SIGSYS, &action, NULL);
	/* Sets no-new-privileges as well; that is libseccomp's default. */
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!error)
		error = add_rules(filter);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error)
		return why_set(why,
			       "the sandbox cannot be entered: %s: does this kernel have seccomp? (--no-sandbox goes without)",
			       strerror(-error));
	return 0;
}
