/** The id of a task as announcements and shards carry it: ECS gives 32 hexadecimal digits, and 36 characters in old accounts. */
import * as z from 'zod/mini';

export const taskIdShape = z.string().check(z.regex(/^[\w-]{1,64}$/));
