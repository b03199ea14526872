/** ROOT/volumes/<name>/record.json. */
export interface VolumeRecord {
  readonly version: 1
  readonly name: string
  readonly driver: 'local'
  /** RFC 3339. */
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  /** `type`, `o`, `device` of a bind or of a file system to mount; empty for a folder of our own. */
  readonly options: Readonly<Record<string, string>>
  /** Made without a name: what `prune` removes by default. */
  readonly anonymous: boolean
  /** Made without a name for a container of this project, whose it stays when a replacement takes it over by its name. Absent in records of 0.1.0. */
  readonly project?: string
  /**
   * Frozen folders that it begins with, top first, by their ids: its data is an overlay of these and of what was written since. Absent of one whose
   * folder has all of it.
   */
  readonly base?: readonly string[]
}

/** Whether the options are those of a folder of the host. */
export function isBound({ type = '', o = '' }: VolumeRecord['options']): boolean {
  return ['', 'none', 'bind'].includes(type) && o.split(',').some(word => word === 'bind' || word === 'rbind')
}

/** Whether the volume is a file system of its own, which is mounted on its folder while somebody uses it. */
export function hasFileSystem({ base, options }: Pick<VolumeRecord, 'base' | 'options'>): boolean {
  return base !== undefined || (options['device'] !== undefined && !isBound(options))
}
