import { failure } from '../../diagnostics/index.ts'
import { IPVLAN_FLAGS, IPVLAN_MODES } from '../netlink/index.ts'
import type { NetworkDriver } from './driver.ts'
import { subInterfaceDriver } from './sub-interface.ts'

/** Containers with addresses of their own on a link of the host's, all behind its one MAC address. */
export const IPVLAN: NetworkDriver = subInterfaceDriver({
  words: {
    driver: 'ipvlan',
    mode: 'ipvlan_mode',
    modes: Object.keys(IPVLAN_MODES),
    flag: 'ipvlan_flag',
    flags: Object.keys(IPVLAN_FLAGS),
  },
  ownsMac: () => false,
  kindOf: ({ mode, flag }) => ({ kind: 'ipvlan', mode, flag }),
  roomOf: () => undefined,
  checkOthers({ parent, mode }, others) {
    const same = parent === undefined ? undefined : others.find(each => each.parent === parent)
    if (same === undefined || same.mode === mode) return
    throw failure({
      code: 'NETWORK_OPTION',
      kind: 'conflict',
      summary: `parent "${parent}" is that of another network, whose ipvlan mode is ${same.mode}, not ${mode}`,
    })
  },
})
