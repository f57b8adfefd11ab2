using System.ComponentModel;
using System.Globalization;

namespace MetaEol.Extensions;

/// <summary>Lets the configuration binder read a <see cref="DimensionFilter"/>.</summary>
internal sealed class DimensionFilterTypeConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? DimensionFilter.Parse(text, CultureInfo.InvariantCulture) : base.ConvertFrom(context, culture, value);
}
