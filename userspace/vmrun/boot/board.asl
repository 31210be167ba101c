// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The board as the guest's operating system sees it: one PCI bus and, behind
 * its ISA bridge, the ISA devices. Ports and interrupts are those of
 * boot/acpi.h and of the kernel's devices.
 */
DefinitionBlock ("", "DSDT", 2, "VMM   ", "VMMBOARD", 0x00000001)
{
    /* Power-off is SLP_TYP 5 in PM1a_CNT. */
    Name (\_S5, Package () { 0x05, 0x05, Zero, Zero })

    /* Start of the windows for BARs; vmrun writes the guest's values. */
    Name (\PLOW, 0x80000000)
    Name (\PHIG, 0x0000000800000000)

    /* 0: the guest uses the 8259 pair, 1: the I/O APIC. */
    Name (\PICM, Zero)
    Method (\_PIC, 1, NotSerialized)
    {
        \PICM = Arg0
    }

    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_UID, Zero)
            Name (_BBN, Zero)

            Name (RSRC, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                    0x0000, 0x0000, 0x0000, 0x0000, 0x0001)
                IO (Decode16, 0x0CF8, 0x0CF8, 0x01, 0x08)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0x0000, 0x0000, 0x0CF7, 0x0000, 0x0CF8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0x0000, 0x0D00, 0xFFFF, 0x0000, 0xF300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
                    NonCacheable, ReadWrite,
                    0x00000000, 0x80000000, 0xFEBFFFFF, 0x00000000, 0x7EC00000,,, LOWW)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
                    Cacheable, ReadWrite,
                    0x0000000000000000, 0x0000000800000000, 0x0000000FFFFFFFFF,
                    0x0000000000000000, 0x0000000800000000,,, HIGW)
            })

            Method (_CRS, 0, Serialized)
            {
                CreateDWordField (RSRC, \_SB.PCI0.LOWW._MIN, LMIN)
                CreateDWordField (RSRC, \_SB.PCI0.LOWW._LEN, LLEN)
                CreateQWordField (RSRC, \_SB.PCI0.HIGW._MIN, HMIN)
                CreateQWordField (RSRC, \_SB.PCI0.HIGW._MAX, HMAX)
                CreateQWordField (RSRC, \_SB.PCI0.HIGW._LEN, HLEN)
                LMIN = \PLOW
                LLEN = 0xFEC00000 - \PLOW
                HMIN = \PHIG
                HMAX = \PHIG + HLEN - 1
                Return (RSRC)
            }

            Method (LINK, 1, Serialized)
            {
                Switch (ToInteger (Arg0))
                {
                    Case (0) { Return (Package () { 0, 0, LNKA, 0 }) }
                    Case (1) { Return (Package () { 0, 0, LNKB, 0 }) }
                    Case (2) { Return (Package () { 0, 0, LNKC, 0 }) }
                    Case (3) { Return (Package () { 0, 0, LNKD, 0 }) }
                    Case (4) { Return (Package () { 0, 0, LNKE, 0 }) }
                    Case (5) { Return (Package () { 0, 0, LNKF, 0 }) }
                    Case (6) { Return (Package () { 0, 0, LNKG, 0 }) }
                }
                Return (Package () { 0, 0, LNKH, 0 })
            }

            /* INTx @pin of @slot is on line (slot + pin + 7) % 8 in either mode. */
            Method (_PRT, 0, Serialized)
            {
                Local0 = Package (128) {}
                Local1 = Zero
                While (Local1 < 128)
                {
                    Local2 = Local1 >> 2
                    Local3 = Local1 & 3
                    Local4 = (Local2 + Local3 + 7) & 7
                    If (\PICM)
                    {
                        Local5 = Package () { 0, 0, 0, 0 }
                        Local5 [3] = 16 + Local4
                    }
                    Else
                    {
                        Local5 = LINK (Local4)
                    }
                    Local5 [0] = (Local2 << 16) | 0xFFFF
                    Local5 [1] = Local3
                    Local0 [Local1] = Local5
                    Local1++
                }
                Return (Local0)
            }

            Device (ISA0)
            {
                Name (_ADR, 0x00010000)

                OperationRegion (ROUT, PCI_Config, 0x60, 0x0C)
                Field (ROUT, ByteAcc, NoLock, Preserve)
                {
                    PRQA, 8, PRQB, 8, PRQC, 8, PRQD, 8,
                    Offset (0x08),
                    PRQE, 8, PRQF, 8, PRQG, 8, PRQH, 8
                }

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

                /* Takes the news of a panic; the bits it understands are read from it. */
                Device (PEVT)
                {
                    Name (_HID, "QEMU0001")
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x0505, 0x0505, 0x01, 0x01)
                    })
                    Name (_STA, 0x0B)
                }
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
                    IO (Decode16, 0x0402, 0x0402, 0x01, 0x01)
                    IO (Decode16, 0x0510, 0x0510, 0x01, 0x0C)
                    IO (Decode16, 0x0600, 0x0600, 0x01, 0x40)
                    Memory32Fixed (ReadWrite, 0xFEC00000, 0x00001000)
                    Memory32Fixed (ReadWrite, 0xFEE00000, 0x00001000)
                })
            }
        }

        Device (HPET)
        {
            Name (_HID, EisaId ("PNP0103"))
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadOnly, 0xFED00000, 0x00000400)
            })
        }

        /* A link device stands for one PIRQ register: bit 7 off, 3:0 the interrupt. */
        Method (LSTA, 1)
        {
            If (Arg0 & 0x80)
            {
                Return (0x09)
            }
            Return (0x0B)
        }

        Name (LRES, ResourceTemplate ()
        {
            Interrupt (ResourceConsumer, Level, ActiveLow, Shared,,, INTR) { 0 }
        })
        Method (LCRS, 1, Serialized)
        {
            CreateDWordField (LRES, \_SB.INTR._INT, IRQN)
            IRQN = Zero
            If (!(Arg0 & 0x80))
            {
                IRQN = Arg0 & 0x0F
            }
            Return (LRES)
        }

        Method (LSRS, 1, Serialized)
        {
            CreateDWordField (Arg0, 0x05, IRQN)
            Return (IRQN & 0x0F)
        }

#define LINK_DEVICE(name, uid, reg)						\
        Device (name)								\
        {									\
            Name (_HID, EisaId ("PNP0C0F"))					\
            Name (_UID, uid)							\
            Name (_PRS, ResourceTemplate ()					\
            {									\
                Interrupt (ResourceConsumer, Level, ActiveLow, Shared)		\
                    { 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15 }			\
            })									\
            Method (_STA) { Return (LSTA (\_SB.PCI0.ISA0.reg)) }		\
            Method (_DIS) { \_SB.PCI0.ISA0.reg |= 0x80 }			\
            Method (_CRS) { Return (LCRS (\_SB.PCI0.ISA0.reg)) }		\
            Method (_SRS, 1) { \_SB.PCI0.ISA0.reg = LSRS (Arg0) }		\
        }
        LINK_DEVICE (LNKA, 0, PRQA)
        LINK_DEVICE (LNKB, 1, PRQB)
        LINK_DEVICE (LNKC, 2, PRQC)
        LINK_DEVICE (LNKD, 3, PRQD)
        LINK_DEVICE (LNKE, 4, PRQE)
        LINK_DEVICE (LNKF, 5, PRQF)
        LINK_DEVICE (LNKG, 6, PRQG)
        LINK_DEVICE (LNKH, 7, PRQH)
    }
}
