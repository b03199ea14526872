/** Cells in which our engine answers otherwise than Docker's, with the reason. */
export const OTHERWISE: readonly { readonly cells: RegExp; readonly reason: string }[] = [
  {
    cells: /^both → (both|matrix-both-1) aaaa$/,
    reason:
      'addresses are collected over all networks of a container; Docker answers from the first that has the name, which is one of IPv4 alone',
  },
]
