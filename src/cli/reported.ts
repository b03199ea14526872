/** Thrown after the reasons were printed already: nothing more to say, exit status 1. */
export class Reported extends Error {
  override readonly name = 'Reported'
}
