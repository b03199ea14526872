import { failure } from '../../diagnostics/index.ts'
import { pickContainer } from '../containers.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { connectEngine } from '../engine-start.ts'
import { EXIT } from '../exit-codes.ts'
import { explainMissing } from '../missing-service.ts'
import { choice, number } from '../option.ts'
import { resolveProject } from '../project-name.ts'
import { renderPorts } from './ps/view.ts'

/** `tscompose port`. */
export const command: Command = defineCommand({
  description: "Prints the host's address and port for a port of a service, as ADDRESS:PORT.",
  options: {
    protocol: choice('--protocol <protocol>', 'tcp or udp', ['tcp', 'udp']),
    index: number('--index <number>', 'This container of a service that has several'),
  },
  examples: [['tscompose port web 80', '0.0.0.0:8080']],
  run: async (context, args, { protocol: asked, index }) => {
    const [service = '', text = ''] = args
    const [number = '', slashed] = text.split('/')
    const protocol = asked ?? slashed ?? 'tcp'
    const { name } = await resolveProject(context)
    const docker = await connectEngine(context)
    const container = await pickContainer(docker, name, service, index).catch(cause =>
      explainMissing(context, service, cause),
    )
    const port = container.Ports.find(
      candidate =>
        candidate.PrivatePort === Number(number) &&
        candidate.Type === protocol &&
        candidate.PublicPort !== undefined,
    )
    if (port === undefined)
      throw failure({
        code: 'PORT_NOT_PUBLISHED',
        kind: 'notFound',
        summary: `service "${service}" does not publish port ${number}/${protocol}`,
        hint: `its ports: ${renderPorts(container.Ports) || 'none'}`,
      })
    const address = port.IP?.includes(':') ? `[${port.IP}]` : port.IP
    context.streams.stdout.write(`${address}:${port.PublicPort}\n`)
    return EXIT.ok
  },
})
