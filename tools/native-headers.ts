// Renders the C headers of which the tables are in TypeScript.
import { writeFileSync } from 'node:fs'
import { renderEngineStart } from '../src/cli/host/engine-start-header.ts'
import { renderOpsHeader } from '../src/native/ops-header.ts'
import { renderProtocolHeader } from '../src/native/protocol-header.ts'
import { renderStatusHeader } from '../src/native/status-header.ts'

writeFileSync('native/core/ops.h', renderOpsHeader())
writeFileSync('native/core/protocol.h', renderProtocolHeader())
writeFileSync('native/monitor/status-lines.h', renderStatusHeader())
writeFileSync('native/launcher/engine-start.h', renderEngineStart())
