"""Seccomp: system calls that a submission has no use for fail.

pyseccomp speaks to the system's libseccomp; where either is not there, `available` says so.
"""

from __future__ import annotations

import errno

CLONE_THREAD = 0x00010000
AF_UNIX = 1
LOCKS = (6, 7, 37, 38)  # of fcntl(2): those of a process, and of an open file
WATCHES = (1024, 1026)  # of fcntl(2): leases, and notes of what happens in a folder

REFUSED = {
    "processes": "fork vfork execve execveat",
    "others": "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_getfd "
    "pidfd_send_signal ptrace process_vm_readv process_vm_writev process_madvise kcmp",
    "network": "socket connect bind listen accept accept4 sendmsg sendmmsg",
    "what outlives a process": "shmget shmat msgget semget mq_open mq_unlink memfd_create "
    "memfd_secret add_key request_key keyctl",
    "what others do": "inotify_init inotify_init1 fanotify_init fanotify_mark sysinfo",
    "the system": "mount umount2 pivot_root chroot unshare setns mknod mknodat open_by_handle_at "
    "name_to_handle_at move_mount open_tree open_tree_attr fsopen fsconfig fspick fsmount "
    "mount_setattr listmount statmount swapon swapoff reboot acct quotactl quotactl_fd "
    "init_module finit_module delete_module kexec_load kexec_file_load syslog vhangup "
    "settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname iopl ioperm",
    "the kernel's larger doors": "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter "
    "io_uring_register modify_ldt personality lookup_dcookie nfsservctl vmsplice",
}


def available() -> bool:
    """Whether pyseccomp and libseccomp are there."""
    try:
        import pyseccomp  # noqa: F401  its import loads libseccomp
    except Exception:  # no module, no library, or one that lacks a function
        return False
    return True


def prepared():
    """A filter; once it is loaded, these calls fail in this process and no process can be made."""
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse, Arg = pyseccomp.ERRNO(errno.EPERM), pyseccomp.Arg
    for name in " ".join(REFUSED.values()).split():
        try:
            rules.add_rule(refuse, name)
        except (ValueError, OSError):
            continue  # not a call of this architecture, or unknown to this libseccomp
    rules.add_rule(refuse, "clone", Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0))
    # Its flags cannot be seen; where it does not exist, clone is called.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    # asyncio talks to itself through a pair of sockets, which lead nowhere else.
    rules.add_rule(refuse, "socketpair", Arg(0, pyseccomp.NE, AF_UNIX))
    rules.add_rule(refuse, "sendto", Arg(4, pyseccomp.NE, 0))
    # A lock on a file that all can read would be seen by another job. Nobody shares a file with
    # this one, so it is told that it has the lock.
    rules.add_rule(pyseccomp.ERRNO(0), "flock")
    for command in LOCKS:
        rules.add_rule(pyseccomp.ERRNO(0), "fcntl", Arg(1, pyseccomp.EQ, command))
    for command in WATCHES:
        rules.add_rule(refuse, "fcntl", Arg(1, pyseccomp.EQ, command))
    return rules
