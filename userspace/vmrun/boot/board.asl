// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The board as the guest's operating system sees it: ISA devices, no PCI.
 * Ports and interrupts are those of boot/acpi.h and of the kernel's devices.
 */
DefinitionBlock ("", "DSDT", 2, "VMM   ", "VMMBOARD", 0x00000001)
{
    /* Power-off is SLP_TYP 5 in PM1a_CNT. */
    Name (\_S5, Package () { 0x05, 0x05, Zero, Zero })

    Scope (\_SB)
    {
        Device (ISA0)
        {
            Name (_HID, EisaId ("PNP0A05"))
            Name (_UID, Zero)

            Device (PIC0)
            {
                Name (_HID, EisaId ("PNP0000"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0020, 0x0020, 0x01, 0x02)
                    IO (Decode16, 0x00A0, 0x00A0, 0x01, 0x02)
                    IO (Decode16, 0x04D0, 0x04D0, 0x01, 0x02)
                    IRQNoFlags () { 2 }
                })
            }

            Device (PIT0)
            {
                Name (_HID, EisaId ("PNP0100"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0040, 0x0040, 0x01, 0x04)
                    IRQNoFlags () { 0 }
                })
            }

            Device (RTC0)
            {
                Name (_HID, EisaId ("PNP0B00"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0070, 0x0070, 0x01, 0x02)
                    IRQNoFlags () { 8 }
                })
            }

            Device (COM1)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, One)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x03F8, 0x03F8, 0x01, 0x08)
                    IRQNoFlags () { 4 }
                })
            }

            /* What no driver claims: system ports, PM block, reset, test devices. */
            Device (MISC)
            {
                Name (_HID, EisaId ("PNP0C02"))
                Name (_UID, Zero)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0061, 0x0061, 0x01, 0x01)
                    IO (Decode16, 0x0092, 0x0092, 0x01, 0x01)
                    IO (Decode16, 0x00E9, 0x00E9, 0x01, 0x01)
                    IO (Decode16, 0x00F4, 0x00F4, 0x01, 0x04)
                    IO (Decode16, 0x0400, 0x0400, 0x01, 0x10)
                    IO (Decode16, 0x0CF9, 0x0CF9, 0x01, 0x01)
                    Memory32Fixed (ReadWrite, 0xFEC00000, 0x00001000)
                    Memory32Fixed (ReadWrite, 0xFEE00000, 0x00001000)
                })
            }
        }
    }
}
