// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The main thread: starts machines one after the other, and between start and
 * end serves keys, signals and timers.
 *
 * All callbacks run in the main thread, so session state needs no lock; vCPU
 * threads reach it only through the end eventfd and machine_end(). Signals are
 * blocked everywhere and read from a signalfd, but for the vCPUs' kick.
 */
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "check.h"
#include "devices.h"
#include "events.h"
#include "machine.h"
#include "sandbox.h"
#include "stats.h"
#include "term.h"

#define GRACE_NS	20000000000ULL	/* from power button to forced stop */

struct session {
	const struct options *opts;
	struct vmm_info info;
	int ctl;
	unsigned long long begun;	/* host TSC */
	struct loop loop;
	struct chr chr;
	struct machine_images images;
	struct devices *devices;
	bool sandboxed;
	struct machine *machine;	/* NULL between two of them */
	int signal_fd, end_fd, timeout_fd, grace_fd;
	unsigned int ending_signal;	/* SIGTERM was passed on as power button */
	atomic_int broken;		/* errno of the serial output, until dealt with */
};

static void drain(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("internal descriptor: %s", strerror(errno));
}

static void arm(int fd, uint64_t ns)
{
	struct itimerspec spec = {
		.it_value = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 },
	};

	timerfd_settime(fd, 0, &spec, NULL);
}

/* --- events ---------------------------------------------------------------- */

static void on_end(void *ctx)
{
	struct session *session = ctx;

	drain(session->end_fd);
	if (atomic_exchange(&session->broken, 0) == EPIPE)
		machine_end(session->machine, END_SIGNAL, SIGPIPE);
	if (machine_how_ended(session->machine).kind != END_NONE)
		loop_leave(&session->loop);
}

static void on_timeout(void *ctx)
{
	struct session *session = ctx;

	drain(session->timeout_fd);
	/* The dump first: a thread that finds both orders dumps, then leaves. */
	machine_dump(session->machine);
	machine_end(session->machine, END_TIMEOUT, 0);
}

static void on_grace_over(void *ctx)
{
	struct session *session = ctx;

	drain(session->grace_fd);
	log_note("the guest did not power off within %llu s: stopping it",
		 GRACE_NS / 1000000000);
	machine_end(session->machine, END_SIGNAL, session->ending_signal);
}

static void on_terminate(struct session *session, unsigned int signal)
{
	if (session->ending_signal) {
		machine_end(session->machine, END_SIGNAL, signal);
		return;
	}
	session->ending_signal = signal;
	event_tell("power-button");
	if (acpi_pm_press(&session->machine->pm)) {
		log_note("power button pressed; the guest has %llu s", GRACE_NS / 1000000000);
		arm(session->grace_fd, GRACE_NS);
	} else {
		log_note("the guest has not enabled its power button: stopping it");
		machine_end(session->machine, END_SIGNAL, signal);
	}
}

static void on_signal(void *ctx)
{
	struct session *session = ctx;
	struct signalfd_siginfo info;

	if (read(session->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGTERM:
		on_terminate(session, SIGTERM);
		break;
	case SIGUSR1:
		machine_dump(session->machine);
		break;
	case SIGCONT:
		term_resume();
		break;
	default:
		machine_end(session->machine, END_SIGNAL, info.ssi_signo);
	}
}

static void on_input(void *ctx)
{
	struct session *session = ctx;

	com_input(&session->machine->com);
}

static void on_key(void *ctx, char key)
{
	struct session *session = ctx;

	switch (key) {
	case 'x':
		machine_end(session->machine, END_QUIT, 0);
		break;
	case 'b':
		com_send_break(&session->machine->com);
		break;
	case 's':
		machine_dump(session->machine);
		break;
	case 'p':
		if (!acpi_pm_press(&session->machine->pm))
			log_note("the guest has not enabled the power button");
		break;
	default:
		log_begin();
		fputs("\nCtrl-a x       stop the guest and quit\n"
		      "Ctrl-a Ctrl-a  send Ctrl-a\n"
		      "Ctrl-a b       send break\n"
		      "Ctrl-a p       press the power button\n"
		      "Ctrl-a s       show the vCPUs' state\n"
		      "Ctrl-a h       this help\n", stderr);
		log_end();
	}
}

/*
 * Writer thread, which must not touch the machine: the main thread is told. A
 * reader that went away is no error of ours: we end as a filter would.
 */
static void on_broken(void *ctx, int error)
{
	struct session *session = ctx;
	uint64_t one = 1;

	if (error != EPIPE)
		log_error("serial output is lost from here on: %s", strerror(error));
	atomic_store(&session->broken, error);
	if (write(session->end_fd, &one, sizeof(one)) < 0)
		log_error("cannot tell the main thread: %s", strerror(errno));
}

/* --- set-up ---------------------------------------------------------------- */

static int set_up_signals(struct session *session, struct why *why)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCONT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	session->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->signal_fd < 0)
		return why_set(why, "signalfd: %s", strerror(errno));
	return 0;
}

static int set_up_events(struct session *session, struct why *why)
{
	int error = loop_init(&session->loop);

	if (error)
		return why_set(why, "epoll: %s", strerror(-error));
	if (set_up_signals(session, why))
		return -1;
	session->end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	session->timeout_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	session->grace_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (session->end_fd < 0 || session->timeout_fd < 0 || session->grace_fd < 0)
		return why_set(why, "no descriptors left: %s", strerror(errno));
	if (!loop_add(&session->loop, session->signal_fd, on_signal, session) ||
	    !loop_add(&session->loop, session->end_fd, on_end, session) ||
	    !loop_add(&session->loop, session->timeout_fd, on_timeout, session) ||
	    !loop_add(&session->loop, session->grace_fd, on_grace_over, session))
		return why_set(why, "epoll: %s", strerror(errno));
	return 0;
}

/*
 * A BIOS that finds nothing to start says so on the serial port only, and waits
 * for ever. Formats other than raw are told of when the disk is opened.
 */
static int check_boot_sector(const struct options *opts, struct why *why)
{
	const struct disk_options *disk = &opts->disk[0];

	if (!opts->firmware || strcmp(opts->firmware, "bios") || !opts->disks ||
	    (disk->format != DISK_AUTO && disk->format != DISK_RAW))
		return 0;
	if (image_probe(disk->path).kind == IMAGE_DISK || !image_lacks_boot_sector(disk->path))
		return 0;
	return why_set(why,
		       "%s has no boot sector, so a BIOS cannot start it: try --firmware uefi, or name a kernel with --kernel",
		       disk->path);
}

/* An image is a disk if it looks like one, or if something else starts. */
static int choose_start(struct options *opts, struct why *why)
{
	bool is_disk = opts->kernel || opts->firmware;

	if (opts->image && !is_disk)
		is_disk = image_probe(opts->image).kind == IMAGE_DISK;
	if (opts->image && is_disk && opts_insert_disk(opts, opts->image, why))
		return -1;
	if (opts->disks && !opts->kernel && (is_disk || !opts->image) && !opts->firmware)
		opts->firmware = "bios";
	return check_boot_sector(opts, why);
}

static int read_images(struct session *session, struct why *why)
{
	const struct options *opts = session->opts;
	struct machine_images *images = &session->images;
	const char *kernel = opts->kernel ? opts->kernel : opts->image;
	struct image_verdict verdict;

	if (opts->firmware)
		return firmware_open(&images->firmware, opts->firmware, opts->vars, why);
	if (image_read(&images->kernel, kernel, opts->memory, why))
		return -1;
	verdict = image_recognise(images->kernel.data, images->kernel.size);
	if (verdict.remedy)
		return why_set(why, "%s is %s: %s", kernel, verdict.name, verdict.remedy);
	log_verbose("%s: %s", kernel, verdict.name);
	for (unsigned int i = 0; i < opts->initrds; i++) {
		if (image_read(&images->initrd[i], opts->initrd[i], opts->memory, why))
			return -1;
		images->initrds++;
	}
	return 0;
}

static void free_images(struct session *session)
{
	firmware_close(&session->images.firmware);
	image_free(&session->images.kernel);
	for (unsigned int i = 0; i < session->images.initrds; i++)
		image_free(&session->images.initrd[i]);
}

/* The control node, or the reasons why not. */
static bool open_module(struct session *session)
{
	char headline[128];

	session->ctl = vmm_open(NULL, &session->info);
	if (session->ctl < 0) {
		snprintf(headline, sizeof(headline), "cannot start: %s: %s", VMM_DEVICE,
			 session->ctl == -EPROTO ? "its interface version is not ours" :
						   strerror(-session->ctl));
		check_explain(headline);
		return false;
	}
	if (session->opts->cpus > session->info.max_vcpus) {
		log_error("--cpus: this module gives a VM at most %u vCPUs",
			  session->info.max_vcpus);
		return false;
	}
	return true;
}

/* --- running --------------------------------------------------------------- */

/* Memory, module, VM: everything up to the first instruction. */
static bool build_machine(struct session *session, struct machine *machine)
{
	struct why why;
	int refused;

	machine->opts = session->opts;
	machine->chr = &session->chr;
	machine->devices = session->devices;
	machine->end_fd = session->end_fd;
	if (machine_load(machine, &session->images, &why)) {
		log_error("%s", why.text);
		return false;
	}
	if (session->ctl < 0 && !open_module(session))
		return false;
	if (!machine_create(machine, session->ctl, &why, &refused))
		return true;
	if (refused == EBUSY || refused == ENODEV)
		check_explain(why.text);
	else
		log_error("%s", why.text);
	return false;
}

/* Once, when everything is open and before any of the guest's code has run. */
static int give_up_rights(struct session *session, struct why *why)
{
	if (session->sandboxed || session->opts->no_sandbox)
		return 0;
	session->sandboxed = true;
	return sandbox_enter(why);
}

/* From the first instruction to the end. */
static struct end run_machine(struct session *session, struct machine *machine)
{
	struct end end;
	struct why why;

	session->machine = machine;
	event_tell("running");
	if (give_up_rights(session, &why) || machine_start(machine, &why)) {
		log_error("%s", why.text);
		machine_end(machine, END_FAILED, 0);
	}
	on_input(session);
	loop_run(&session->loop);
	end = machine_how_ended(machine);
	if (!machine_stop(machine)) {
		/* Nothing can be freed under a thread that still runs. */
		log_error("a vCPU does not stop; leaving all the same (dmesg may say more)");
		term_restore();
		_exit(STATUS_FAILED);
	}
	chr_flush(&session->chr, 2000);
	devices_flush(session->devices, 2000);
	if (session->opts->stats)
		stats_report(machine, session->ctl, session->begun);
	session->machine = NULL;
	return end;
}

/* One machine from creation to its end. */
static struct end one_machine(struct session *session)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	struct end end = { END_FAILED, 0 };

	if (!machine) {
		log_error("no memory for a machine");
		return end;
	}
	if (build_machine(session, machine))
		end = run_machine(session, machine);
	machine_destroy(machine);
	free(machine);
	return end;
}

static void tell_start(const struct options *opts)
{
	struct event event;

	event_begin(&event, "start");
	event_number(&event, "pid", getpid());
	event_string(&event, "name", opts->name ? opts->name : "");
	event_number(&event, "cpus", opts->cpus);
	event_number(&event, "memory", opts->memory);
	event_send(&event);
}

static void tell_end(struct end end)
{
	struct event event;
	char text[128];

	event_begin(&event, "exit");
	event_string(&event, "reason", exits_reason(end));
	event_number(&event, "status", exits_status(end));
	if (end.kind == END_CODE || end.kind == END_SIGNAL)
		event_number(&event, "value", end.value);
	event_string(&event, "text", exits_words(end, text, sizeof(text)));
	event_send(&event);
}

/* --dry-run: all of it was opened, so all of it can be. */
static void tell_plan(const struct session *session)
{
	const struct options *opts = session->opts;

	printf("start: %s\n", opts->firmware ? opts->firmware :
	       opts->kernel ? opts->kernel : opts->image);
	printf("vCPUs: %u\nmemory: %s\n", opts->cpus, why_size(opts->memory));
	for (unsigned int i = 0; i < opts->disks; i++)
		printf("disk: %s%s%s\n", opts->disk[i].path,
		       opts->disk[i].read_only ? ", read-only" : "",
		       opts->ephemeral ? ", ephemeral" : "");
	printf("networks: %u\nshares: %u\nconsoles: %u\n", opts->nets, opts->shares,
	       opts->consoles);
}

static int run_all(struct session *session)
{
	struct chr_ops ops = { on_input, on_key, on_broken, NULL, session };
	struct end end;
	struct why why;
	char text[128];

	if (chr_open(&session->chr, &session->opts->serial, "--serial", &session->loop, &why) ||
	    chr_listen(&session->chr, &ops, &why)) {
		log_error("%s", why.text);
		return STATUS_FAILED;
	}
	session->devices = devices_open(session->opts, &session->loop, &ops, &why);
	if (!session->devices || devices_start(session->devices, &why)) {
		log_error("%s", why.text);
		devices_close(session->devices);
		chr_close(&session->chr);
		term_restore();
		return STATUS_FAILED;
	}
	if (session->opts->dry_run) {
		tell_plan(session);
		devices_close(session->devices);
		chr_close(&session->chr);
		term_restore();
		return 0;
	}
	if (session->opts->timeout_ns)
		arm(session->timeout_fd, session->opts->timeout_ns);
	run_init();
	for (;;) {
		end = one_machine(session);
		if (end.kind != END_RESET || session->opts->no_reboot || session->ending_signal)
			break;
		event_tell("reset");
		log_verbose("the guest asked for a reset: starting it again");
	}
	devices_close(session->devices);
	chr_close(&session->chr);
	term_restore();
	if (end.kind != END_FAILED)
		log_verbose("%s", exits_words(end, text, sizeof(text)));
	if (end.kind == END_TIMEOUT)
		log_error("%s", exits_words(end, text, sizeof(text)));
	tell_end(end);
	return exits_status(end);
}

int session_run(struct options *opts)
{
	struct session *session = calloc(1, sizeof(*session));
	struct why why;
	int status = STATUS_FAILED;

	if (!session) {
		log_error("no memory");
		return status;
	}
	session->opts = opts;
	session->ctl = -1;
	session->begun = stats_now();
	if (opts->events && events_open(opts->events, &why)) {
		log_error("%s", why.text);
		free(session);
		return status;
	}
	tell_start(opts);
	if (choose_start(opts, &why) || read_images(session, &why) || set_up_events(session, &why)) {
		log_error("%s", why.text);
		tell_end((struct end){ END_FAILED, 0 });
	} else {
		status = run_all(session);
	}
	events_close();
	if (session->ctl >= 0)
		close(session->ctl);
	free_images(session);
	free(session);
	return status;
}
