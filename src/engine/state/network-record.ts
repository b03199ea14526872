import type { IPAM } from '../../api/types/index.ts'
import type { Network } from '../../network/index.ts'

/** ROOT/networks/<id>.json. The predefined `host` and `none` have no record; `bridge` has one from its first use on. */
export interface NetworkRecord extends Network {
  readonly version: 1
  /** RFC 3339. */
  readonly created: string
  readonly labels: Readonly<Record<string, string>>
  readonly attachable: boolean
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  /** As it was asked for; what was decided is in `subnets`. */
  readonly ipam: IPAM
}
