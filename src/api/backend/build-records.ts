/** Builds that are remembered when the engine has ended: bytes by name, which only their writer reads. */
export interface BuildRecords {
  /** All that are there, in no order. */
  read(): Promise<readonly Uint8Array[]>
  /** One of them. */
  find(name: string): Promise<Uint8Array | undefined>
  /** Raises DISK_FULL. */
  write(name: string, bytes: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
}
