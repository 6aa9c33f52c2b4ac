/** How long a service takes from what it was given to the message in the queue, when all is well, in milliseconds. */
export interface Delivery {
  readonly least: number;
  readonly most: number;
}
