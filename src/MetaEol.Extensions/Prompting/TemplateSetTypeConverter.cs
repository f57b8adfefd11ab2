using System.ComponentModel;
using System.Globalization;

namespace MetaEol.Extensions.Prompting;

/// <summary>Lets a configuration binder read a <see cref="TemplateSet"/> by its name or path.</summary>
internal sealed class TemplateSetTypeConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? TemplateSet.Load(text) : base.ConvertFrom(context, culture, value);
}
