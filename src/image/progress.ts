/** One line of the making or fetching of an image; the API streams it as `{"status": …, "id": …}`. */
export interface Progress {
  /** What it is about: a layer, a package set; absent for the image as a whole. */
  readonly id?: string
  readonly status: string
  readonly current?: number
  readonly total?: number
}
