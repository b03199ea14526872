import type { Rule } from '../rule.ts'
import { databasePortOpen } from './database-port-open.ts'
import { databaseWithoutVolume } from './database-without-volume.ts'
import { engineSocket } from './engine-socket.ts'
import { fixedContainerName } from './fixed-container-name.ts'
import { fixedPortScaled } from './fixed-port-scaled.ts'
import { healthNeverKnown } from './health-never-known.ts'
import { hostPortTwice } from './host-port-twice.ts'
import { imageNotPinned } from './image-not-pinned.ts'
import { isolationWeakened } from './isolation-weakened.ts'
import { legacyLinks } from './legacy-links.ts'
import { localhostIsTheContainer } from './localhost-is-the-container.ts'
import { networkModeUnknown } from './network-mode-unknown.ts'
import { noShell } from './no-shell.ts'
import { noStartPeriod } from './no-start-period.ts'
import { numberRewritten } from './number-rewritten.ts'
import { oneShotRestarts } from './one-shot-restarts.ts'
import { overrideAppends } from './override-appends.ts'
import { pid1IgnoresSigterm } from './pid1-ignores-sigterm.ts'
import { portOnEveryInterface } from './port-on-every-interface.ts'
import { portsNotPublished } from './ports-not-published.ts'
import { privileged } from './privileged.ts'
import { quotesInValue } from './quotes-in-value.ts'
import { restartIgnored } from './restart-ignored.ts'
import { secretInBuildArgs } from './secret-in-build-args.ts'
import { secretInEnvironment } from './secret-in-environment.ts'
import { startRace } from './start-race.ts'
import { unusedResources } from './unused-resources.ts'
import { wideBind } from './wide-bind.ts'

/** Every rule, by what it is about: merging, values, ports, starts and stops, data, secrets and isolation, leftovers. */
export const RULES: readonly Rule[] = [
  overrideAppends,
  quotesInValue,
  numberRewritten,
  noShell,
  localhostIsTheContainer,
  hostPortTwice,
  fixedPortScaled,
  portsNotPublished,
  networkModeUnknown,
  databasePortOpen,
  portOnEveryInterface,
  startRace,
  healthNeverKnown,
  noStartPeriod,
  oneShotRestarts,
  restartIgnored,
  pid1IgnoresSigterm,
  imageNotPinned,
  databaseWithoutVolume,
  secretInEnvironment,
  secretInBuildArgs,
  engineSocket,
  privileged,
  isolationWeakened,
  wideBind,
  fixedContainerName,
  legacyLinks,
  ...unusedResources,
]
