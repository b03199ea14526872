/** ROOT/volumes/<name>/record.json. */
export interface VolumeRecord {
  readonly version: 1
  readonly name: string
  readonly driver: 'local'
  /** RFC 3339. */
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  /** `type`, `o`, `device` of a bind; empty for a folder of our own. */
  readonly options: Readonly<Record<string, string>>
  /** Made without a name: what `prune` removes by default. */
  readonly anonymous: boolean
}
