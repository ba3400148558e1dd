/**
 * The ioctls of /dev/kvm that memslots need, through Deno's FFI, on a VM without vCPUs. No user memory
 * is mapped: KVM accepts any user address and reads from it only when the guest runs.
 *
 * @module
 */
import type { UserspaceMemoryRegion } from "../../impls/kvm/memory_region.ts";

const O_RDWR_CLOEXEC = 0o2000002;
const KVM_GET_API_VERSION = 0xae00n;
const KVM_CREATE_VM = 0xae01n;
const KVM_CHECK_EXTENSION = 0xae03n;
const KVM_GET_DIRTY_LOG = 0x4010ae42n;
const KVM_SET_USER_MEMORY_REGION = 0x4020ae46n;
const KVM_SET_USER_MEMORY_REGION2 = 0x40a0ae49n;
const KVM_CREATE_GUEST_MEMFD = 0xc040aed4n;
const KVM_CAP_NR_MEMSLOTS = 10n;
const KVM_CAP_MULTI_ADDRESS_SPACE = 118n;
const KVM_CAP_GUEST_MEMFD = 234n;

const API_VERSION = 12; // since Linux 2.6.22; another version is another interface

/** Names of the errnos that these ioctls give; any other is told as `errno <n>`. */
const ERRNOS: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [12, "ENOMEM"],
  [13, "EACCES"],
  [14, "EFAULT"],
  [16, "EBUSY"],
  [17, "EEXIST"],
  [19, "ENODEV"],
  [22, "EINVAL"],
]);

/** There is no KVM to ask. */
export class KvmUnavailable extends Error {
  /** The class's name, as errors print it. */
  override readonly name = "KvmUnavailable";

  /** With the reason, in words: `there is no /dev/kvm on this machine`. */
  constructor(reason: string) {
    super(`Cannot ask the kernel as ${reason}`);
  }
}

/** An open /dev/kvm. */
export class Kvm implements Disposable {
  readonly #libc = openLibc();
  readonly #fd: number;

  /** Opens /dev/kvm; `KvmUnavailable` where that is not possible. */
  constructor() {
    this.#fd = this.#libc.open("/dev/kvm");
    const version = this.#libc.ioctl(this.#fd, KVM_GET_API_VERSION, 0n);
    if (version !== API_VERSION) {
      this[Symbol.dispose]();
      throw new KvmUnavailable(`/dev/kvm speaks version ${version} of its interface, not 12`);
    }
  }

  /** A fresh VM with an empty map. */
  createVm(): KvmVm {
    const fd = this.#libc.ioctl(this.#fd, KVM_CREATE_VM, 0n);
    if (typeof fd === "string") throw new KvmUnavailable(`KVM creates no VM: ${fd}`);
    return new KvmVm(this.#libc, fd);
  }

  /** Closes /dev/kvm and libc. VMs must be closed before. */
  [Symbol.dispose](): void {
    this.#libc.close(this.#fd);
    this.#libc.unload();
  }
}

/** A VM of the live kernel. */
export class KvmVm implements Disposable {
  readonly #libc: Libc;
  readonly #fd: number;
  /** The guest_memfd of all slots that have one; -1 before the first. */
  #guestMemfd = -1;
  // struct kvm_userspace_memory_region2: u32 slot, flags; u64 guest_phys_addr, memory_size,
  // userspace_addr, guest_memfd_offset; u32 guest_memfd, pad; u64 pad[14]. It begins as the older
  // struct does. Allocated once: a run makes some hundred thousand calls.
  readonly #u64 = new BigUint64Array(20);
  readonly #u32 = new Uint32Array(this.#u64.buffer);

  /** Takes over the file descriptor. */
  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /**
   * `KVM_SET_USER_MEMORY_REGION`, or `KVM_SET_USER_MEMORY_REGION2` for a region with a
   * `guestMemfdOffset`: "ok", or the errno's name.
   */
  setMemoryRegion(region: UserspaceMemoryRegion): string {
    const { guestMemfdOffset } = region;
    this.#u32[0] = region.slot;
    this.#u32[1] = region.flags;
    this.#u64[1] = region.guestPhysAddr;
    this.#u64[2] = region.memorySize;
    this.#u64[3] = region.userspaceAddr;
    let request = KVM_SET_USER_MEMORY_REGION;
    if (guestMemfdOffset !== undefined) {
      request = KVM_SET_USER_MEMORY_REGION2;
      if (this.#guestMemfd === -1) this.#guestMemfd = this.#createGuestMemfd();
      this.#u64[4] = guestMemfdOffset;
      this.#u32[10] = this.#guestMemfd;
    }
    const result = this.#libc.ioctlBuffer(this.#fd, request, this.#u64);
    return typeof result === "string" ? result : "ok";
  }

  /** `KVM_CAP_GUEST_MEMFD`: whether a VM of the default type takes `KVM_MEM_GUEST_MEMFD`. */
  hasGuestMemfd(): boolean {
    return this.#extension(KVM_CAP_GUEST_MEMFD) > 0;
  }

  /** Of 2^30 bytes, none of which is there before the guest touches it. */
  #createGuestMemfd(): number {
    // struct kvm_create_guest_memfd: u64 size, flags, reserved[6].
    const argument = BigUint64Array.from({ length: 8 }, (_, i) => i === 0 ? 2n ** 30n : 0n);
    const fd = this.#libc.ioctlBuffer(this.#fd, KVM_CREATE_GUEST_MEMFD, argument);
    if (typeof fd === "string") throw new KvmUnavailable(`KVM creates no guest_memfd: ${fd}`);
    return fd;
  }

  /**
   * `KVM_GET_DIRTY_LOG`: "ok" where the slot exists and logs, else the errno's name ("ENOENT").
   * `npages` is the size of the slot: the kernel writes a bit for each page.
   */
  getDirtyLog(slot: number, npages: number): string {
    const bitmap = new BigUint64Array(Math.ceil(npages / 64));
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bitmap));
    const argument = new BigUint64Array([BigInt(slot), BigInt(address)]);
    const result = this.#libc.ioctlBuffer(this.#fd, KVM_GET_DIRTY_LOG, argument);
    return typeof result === "string" ? result : "ok";
  }

  /** `KVM_CAP_NR_MEMSLOTS`: ids are below it. */
  maxSlots(): number {
    return this.#extension(KVM_CAP_NR_MEMSLOTS);
  }

  /** `KVM_CAP_MULTI_ADDRESS_SPACE`; a kernel that has only one says 0. */
  addressSpaces(): number {
    return Math.max(1, this.#extension(KVM_CAP_MULTI_ADDRESS_SPACE));
  }

  /** Ends the VM. */
  [Symbol.dispose](): void {
    if (this.#guestMemfd !== -1) this.#libc.close(this.#guestMemfd);
    this.#libc.close(this.#fd);
  }

  #extension(capability: bigint): number {
    const value = this.#libc.ioctl(this.#fd, KVM_CHECK_EXTENSION, capability);
    return typeof value === "string" ? 0 : value;
  }
}

/** libc's functions; an ioctl that fails gives the name of the errno. */
interface Libc {
  open(path: string): number;
  ioctl(fd: number, request: bigint, argument: bigint): number | string;
  ioctlBuffer(fd: number, request: bigint, argument: BigUint64Array<ArrayBuffer>): number | string;
  close(fd: number): void;
  unload(): void;
}

function openLibc(): Libc {
  const libc = dlopen();
  const { symbols } = libc;
  const errno = () => {
    const number = new Deno.UnsafePointerView(symbols.__errno_location()!).getInt32();
    return ERRNOS.get(number) ?? `errno ${number}`;
  };
  return {
    open(path) {
      const fd = symbols.open(new TextEncoder().encode(`${path}\0`), O_RDWR_CLOEXEC);
      if (fd >= 0) return fd;
      const reason = errno();
      libc.close();
      throw new KvmUnavailable(openFailure(path, reason));
    },
    ioctl(fd, request, argument) {
      const result = symbols.ioctl(fd, request, argument);
      return result === -1 ? errno() : result;
    },
    ioctlBuffer(fd, request, argument) {
      const result = symbols.ioctlBuffer(fd, request, argument);
      return result === -1 ? errno() : result;
    },
    close: (fd) => void symbols.close(fd),
    unload: () => libc.close(),
  };
}

function dlopen() {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new KvmUnavailable(
      `the referee knows KVM of Linux on x86_64 only: this is ${os}, ${arch}`,
    );
  }
  try {
    return Deno.dlopen("libc.so.6", {
      open: { parameters: ["buffer", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
      ioctl: { parameters: ["i32", "u64", "u64"], result: "i32" },
      ioctlBuffer: { name: "ioctl", parameters: ["i32", "u64", "buffer"], result: "i32" },
      __errno_location: { parameters: [], result: "pointer" },
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new KvmUnavailable("the ioctls need --allow-ffi");
    }
    throw new KvmUnavailable(`libc.so.6 does not load: ${(error as Error).message}`);
  }
}

function openFailure(path: string, errno: string): string {
  if (errno === "ENOENT") return `there is no ${path} on this machine`;
  if (errno === "EACCES") return `no permission to open ${path}: join the group that owns it`;
  return `${path} does not open: ${errno}`;
}
