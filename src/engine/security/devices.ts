/** A host device given to a container (`devices:`): the node is made anew inside with the host node's numbers. */
export interface DeviceMapping {
  /** Host path of a character or block device. */
  readonly source: string
  readonly target: string
  /** Any of `r`, `w`, `m`. */
  readonly permissions: string
}
