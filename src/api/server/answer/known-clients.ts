/** Clients that go on reading where they have read the head, and take frames as bytes: Docker's two, and ours. */
const READS_ON = /^(?:tscompose|Docker-Client|compose)\b/

/**
 * Whether nothing is lost to a client if bytes come with the head, and a frame may hold several lines. Of others nobody knows: docker-py
 * loses what its buffer took with the head, and its users take a frame for a line.
 */
export function readsOn(userAgent: string | undefined): boolean {
  return userAgent !== undefined && READS_ON.test(userAgent)
}
