import { type ProjectVolume, volumes } from '../../project/volumes.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { labelMethod, labelsText } from '../views/listing/docker-text.ts'
import type { Field, Listing } from '../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../views/listing/open-format.ts'

/** `tscompose volumes`. */
export const command: Command = defineCommand({
  description:
    'Lists the volumes of the project; with services those that their running containers have mounted. --format json prints one object a line.',
  options: {
    quiet: flag('-q, --quiet', 'Names alone'),
    format: text('--format <format>', FORMAT_HELP),
  },
  run: async (context, services, { quiet, format }) => {
    const render = await openFormat(VOLUMES, format)
    const shown = await volumes(targetOf(context), { services })
    context.streams.stdout.write(quiet ? shown.map(({ name }) => `${name}\n`).join('') : render(shown))
    return EXIT.ok
  },
})

/** What Docker's lists have of volumes, and ours know nothing of. */
const unknown = (title: string): Field<ProjectVolume> => ({ title, of: () => 'N/A' })

const VOLUMES: Listing<ProjectVolume> = {
  fields: {
    Availability: unknown('AVAILABILITY'),
    Driver: { title: 'DRIVER', of: ({ driver }) => driver },
    Group: unknown('GROUP'),
    Labels: { title: 'LABELS', of: ({ labels }) => labelsText(labels) },
    Links: unknown('LINKS'),
    Mountpoint: { title: 'MOUNTPOINT', of: ({ mountpoint }) => mountpoint },
    Name: { title: 'VOLUME NAME', of: ({ name }) => name },
    Scope: { title: 'SCOPE', of: ({ scope }) => scope },
    Size: unknown('SIZE'),
    Status: unknown('STATUS'),
  },
  columns: ['Driver', 'Name'],
  methods: { Label: labelMethod() },
  raw: 'name: {{.Name}}\ndriver: {{.Driver}}\n',
}
