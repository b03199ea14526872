/** Clients that go on reading where they have read the head, and take frames as bytes: Docker's two, and ours. */
const READS_ON = /^(?:tscompose|Docker-Client|compose)\b/

/**
 * Whether nothing is lost to a client if bytes come with the head, and a frame may hold several lines. Of others nobody knows: docker-py
 * loses what its buffer took with the head, and its users take a frame for a line.
 */
export function readsOn(userAgent: string | undefined): boolean {
  return userAgent !== undefined && READS_ON.test(userAgent)
}

/** docker-py, as it names itself. */
const PYTHON = /^docker-sdk-python\//

/** Python's buffer for reading a head (`io.DEFAULT_BUFFER_SIZE` before 3.14). */
const PYTHON_BUFFER = 8192

/**
 * Bytes that the head of an upgrade should have, or 0 if any number will do. A head that fills docker-py's buffer to its end leaves no room
 * in it for what follows, however late docker-py comes to read.
 */
export function headLengthFor(userAgent: string | undefined): number {
  return userAgent !== undefined && PYTHON.test(userAgent) ? PYTHON_BUFFER : 0
}
