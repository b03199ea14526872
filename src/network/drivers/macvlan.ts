import { failure } from '../../diagnostics/index.ts'
import { MACVLAN_MODES } from '../netlink/index.ts'
import type { NetworkDriver } from './driver.ts'
import { subInterfaceDriver } from './sub-interface.ts'

/** Containers with MAC addresses of their own on a link of the host's, as if they hung on its cable. */
export const MACVLAN: NetworkDriver = subInterfaceDriver({
  words: { driver: 'macvlan', mode: 'macvlan_mode', modes: Object.keys(MACVLAN_MODES) },
  // The one container of a parent that is passed through has that one's address.
  ownsMac: ({ mode }) => mode !== 'passthru',
  kindOf: ({ mode }) => ({ kind: 'macvlan', mode }),
  // The kernel refuses the second with EINVAL, and no other word.
  roomOf: ({ mode }) => (mode === 'passthru' ? 1 : undefined),
  checkOthers({ parent, mode }, others) {
    const same = parent === undefined ? undefined : others.find(each => each.parent === parent)
    if (same === undefined || (mode !== 'passthru' && same.mode !== 'passthru')) return
    throw failure({
      code: 'NETWORK_OPTION',
      kind: 'conflict',
      summary: `parent "${parent}" is another network's, and in the mode passthru it has room for one`,
    })
  },
})
