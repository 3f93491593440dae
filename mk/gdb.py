# gdb.py: gdb commands that know uIO's threads. QEMU shows gdb one thread, the CPU; these show the others.
#
#   uio-threads      every thread of the guest: the application's, the overlay's, and what each waits for
#   uio-bt TID       the backtrace of a thread that is not running
#   uio-programs     the overlay programs that run, and where each was loaded

import gdb


def structures(head, member, type_name):
    """Steps through a list of lib/list.h: the structures that hold its nodes."""
    struct = gdb.lookup_type(type_name)
    offset = next(f.bitpos // 8 for f in struct.fields() if f.name == member)
    node = head["next"]
    while node != head.address:
        yield (node.cast(gdb.lookup_type("char").pointer()) - offset).cast(struct.pointer()).dereference()
        node = node["next"]


def threads():
    return structures(gdb.parse_and_eval("'kernel/sched.c'::thread_list"), "all_node", "struct thread")


def current_tid():
    current = gdb.parse_and_eval("'kernel/sched.c'::current_thread")
    return int(current["tid"]) if int(current) else -1


class Threads(gdb.Command):
    """uio-threads: the guest's threads. '*' is the one that runs; the other ones' backtraces: uio-bt TID."""

    def __init__(self):
        super().__init__("uio-threads", gdb.COMMAND_STATUS)

    def invoke(self, arg, from_tty):
        states = ("runnable", "blocked", "dead")
        now = current_tid()
        print("    TID  CLASS        STATE     WAITS FOR   NAME")
        for t in threads():
            why = t["wait_why"].string() if int(t["wait_why"]) else "-"
            kind = "application" if int(t["class"]) == 0 else "overlay"
            print("%s %5d  %-11s  %-8s  %-10s  %s" % ("*" if int(t["tid"]) == now else " ", int(t["tid"]), kind,
                                                     states[int(t["state"])], why, t["name"].string()))


class Backtrace(gdb.Command):
    """uio-bt TID: the backtrace of the thread TID, from where it gave the CPU away."""

    # What arch_switch() (arch/x86_64/entry.S) pushes, from the stack pointer up.
    PUSHED = ("r15", "r14", "r13", "r12", "rbx", "rbp", "rip")

    def __init__(self):
        super().__init__("uio-bt", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        tid = int(gdb.parse_and_eval(arg)) if arg else -1
        thread = next((t for t in threads() if int(t["tid"]) == tid), None)
        if thread is None:
            raise gdb.GdbError("uio-bt: no thread has the number '%s'; see uio-threads" % arg)
        if tid == current_tid():
            gdb.execute("bt")
            return
        sp = int(thread["rsp"])
        words = gdb.selected_inferior().read_memory(sp, 8 * len(self.PUSHED)).tobytes()
        kept = {r: int(gdb.parse_and_eval("(unsigned long) $%s" % r)) for r in self.PUSHED + ("rsp",)}
        try:
            for i, name in enumerate(self.PUSHED):
                gdb.execute("set $%s = %d" % (name, int.from_bytes(words[8 * i:8 * i + 8], "little")))
            gdb.execute("set $rsp = %d" % (sp + 8 * len(self.PUSHED)))
            gdb.execute("bt")
        finally:
            for name, value in kept.items():
                gdb.execute("set $%s = %d" % (name, value))


class Programs(gdb.Command):
    """uio-programs: the overlay programs that run. Symbols: add-symbol-file FILE -o BIAS."""

    def __init__(self):
        super().__init__("uio-programs", gdb.COMMAND_STATUS)

    def invoke(self, arg, from_tty):
        print("    PID  BIAS      NAME")
        head = gdb.parse_and_eval("'overlay/program.c'::program_list")
        for p in structures(head, "node", "struct program"):
            print("  %5d  0x%-6x  %s" % (int(p["pid"]), int(p["bias"]), p["name"].string()))


Threads()
Backtrace()
Programs()
gdb.execute("set pagination off")
