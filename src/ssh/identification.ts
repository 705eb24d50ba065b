/**
 * How the server names itself. It reveals no versions: nobody needs them before login. OpenSSH's client tells only
 * servers whose names begin with OpenSSH that nobody reads its output any more (`ssh host run big.py | head -1`); the
 * extension is eow@openssh.com, and a server has no other way to ask for it.
 */
export const softwareName = "OpenSSH_compatible_classh";

/** The line with which the server begins each connection. */
export const identification = `SSH-2.0-${softwareName}\r\n`;
