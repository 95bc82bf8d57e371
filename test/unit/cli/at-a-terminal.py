"""Runs a command at a pseudo-terminal of a given width, types what it is told to once it was asked, and prints all that came out.

at-a-terminal.py COLUMNS ASKED INPUT COMMAND...
"""
import fcntl, os, pty, select, struct, sys, termios, time

columns, asked, typed, command = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode(), sys.argv[4:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40 if columns else 0, columns, 0, 0))
    os.execvp(command[0], command)
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
    if typed and asked in printed:
        os.write(terminal, typed)
        typed = b""
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(printed)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
