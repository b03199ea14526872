/** Which bytes are meant (OCI image specification, descriptor.md); `size` in bytes. */
export interface Descriptor {
  readonly mediaType?: string
  readonly digest: string
  readonly size: number
}
