"""Runs a command at a pseudo-terminal of a given width, types what it is told to, and prints all that came out.

at-a-terminal.py COLUMNS INPUT COMMAND...
"""
import fcntl, os, pty, select, struct, sys, termios, time

columns, typed, command = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
printed, until = b"", time.time() + 60
while time.time() < until:
    if not select.select([terminal], [], [], 0.2)[0]:
        continue
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # the command has ended
        break
    if not chunk:
        break
    printed += chunk
    if typed and b"[y/N]" in printed:
        os.write(terminal, typed)
        typed = b""
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(printed)
sys.exit(os.waitstatus_to_exitcode(status))
